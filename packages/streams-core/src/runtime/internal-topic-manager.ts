import type { Admin } from '../clients/admin.ts'
import { ClientError } from '../clients/client-error.ts'
import { MisconfiguredInternalTopicError } from '../errors.ts'
import type { InternalTopic } from './partition-plan.ts'

/**
 * Creates the internal topics that are missing and checks those that exist.
 * @throws MisconfiguredInternalTopicError when one exists with another number of partitions
 * @see org.apache.kafka.streams.processor.internals.InternalTopicManager
 */
export async function makeReady(
  admin: Admin,
  topics: readonly InternalTopic[],
  replicationFactor: number,
): Promise<void> {
  const existing = await admin.describeTopics(topics.map(({ name }) => name))
  for (const { name, partitions } of topics) {
    const found = existing.get(name)
    if (found !== undefined && found.partitions !== partitions) {
      throw new MisconfiguredInternalTopicError(
        name,
        `Internal topic '${name}' has ${found.partitions} partitions; the topology needs ${partitions}. A source topic may have been widened: reset the application, or set the old number of partitions.`,
      )
    }
  }
  for (const { name, partitions, configs } of topics) {
    if (existing.has(name)) continue
    const spec = { name, partitions, configs, ...(replicationFactor > 0 ? { replicationFactor } : {}) }
    try {
      await admin.createTopics([spec])
    } catch (error) {
      if (!(error instanceof ClientError && error.code === 'TOPIC_ALREADY_EXISTS')) throw error
    }
  }
}
