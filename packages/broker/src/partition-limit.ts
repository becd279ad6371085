import { RequestError } from './broker-error.ts'
import type { RequestContext } from './request-context.ts'

/** @throws RequestError POLICY_VIOLATION when so many more partitions are above `max.partitions` */
export function checkPartitionLimit(added: number, { broker, engine }: RequestContext): void {
  const limit = broker.config.number('max.partitions')
  const present = engine.listTopics().reduce((sum, topic) => sum + (topic.isInternal ? 0 : topic.partitions), 0)
  if (present + added <= limit) return
  const text = `${added} more partitions beside ${present} are above max.partitions, which is ${limit}.`
  throw new RequestError('POLICY_VIOLATION', text)
}
