import type { Admin } from '../clients/admin.ts'
import { ClientError } from '../clients/client-error.ts'
import { MisconfiguredInternalTopicError } from '../errors.ts'
import type { StreamsConfig } from '../streams-config.ts'
import type { Time } from '../time.ts'
import type { TopologyPlan } from '../topology/processor-topology.ts'
import { type InternalTopic, type PartitionPlan, planPartitions } from './partition-plan.ts'
import { retryUntilTaskTimeout } from './task-timeout.ts'

/**
 * Finds out how wide the topics are, cuts the application into tasks, and gets its internal topics ready. A cluster that cannot
 * serve is asked again until `task.timeout.ms`.
 * @throws MissingSourceTopicError, TopologyError, MisconfiguredInternalTopicError, TimeoutError
 * @see org.apache.kafka.streams.processor.internals.InternalTopicManager
 */
export function prepareTopics(
  admin: Admin,
  plan: TopologyPlan,
  config: StreamsConfig,
  time: Time,
): Promise<PartitionPlan> {
  return retryUntilTaskTimeout(config, time, `Application '${config.applicationId}' cannot prepare its topics`, () =>
    prepareOnce(admin, plan, config.replicationFactor),
  )
}

async function prepareOnce(admin: Admin, plan: TopologyPlan, replicationFactor: number): Promise<PartitionPlan> {
  const partitionPlan = await findPartitions(admin, plan)
  await makeReady(admin, partitionPlan.internalTopics, replicationFactor)
  return partitionPlan
}

/** Cuts the application into tasks over the topics as they are now. @throws MissingSourceTopicError, TopologyError */
export async function findPartitions(admin: Admin, plan: TopologyPlan): Promise<PartitionPlan> {
  const names = new Set(plan.subtopologies.flatMap(({ sourceTopics }) => sourceTopics))
  if (plan.subtopologies.some(({ sourcePatterns }) => sourcePatterns.length > 0)) {
    for (const name of await admin.listTopics()) names.add(name)
  }
  const found = await admin.describeTopics([...names])
  return planPartitions(plan, new Map([...found.values()].map(({ name, partitions }) => [name, partitions])))
}

/**
 * Creates the internal topics that are missing and checks those that exist.
 * @throws MisconfiguredInternalTopicError when one exists with another number of partitions, or with settings that would lose
 *   records
 */
export async function makeReady(
  admin: Admin,
  topics: readonly InternalTopic[],
  replicationFactor: number,
): Promise<void> {
  const existing = await admin.describeTopics(topics.map(({ name }) => name))
  for (const topic of topics) {
    const found = existing.get(topic.name)
    if (found === undefined) continue
    const wrong = wrongPartitions(topic, found.partitions) ?? wrongSettings(topic, await admin.topicConfigs(topic.name))
    if (wrong !== undefined) throw new MisconfiguredInternalTopicError(topic.name, wrong)
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

function wrongPartitions({ name, partitions }: InternalTopic, found: number): string | undefined {
  if (found === partitions) return undefined
  return `Internal topic '${name}' has ${found} partitions; the topology needs ${partitions}. A source topic may have been widened, or another application uses this application.id: reset the application, set the old number of partitions, or choose another application.id.`
}

/** Settings under which records would go that the application still needs. */
function wrongSettings(
  { name, configs }: InternalTopic,
  found: Readonly<{ [key: string]: string }>,
): string | undefined {
  const wanted = policies(configs['cleanup.policy'])
  const actual = policies(found['cleanup.policy'])
  const isWrongPolicy = wanted.has('compact')
    ? !actual.has('compact') || (actual.has('delete') && !wanted.has('delete'))
    : actual.has('compact')
  if (isWrongPolicy) return tooLittle(name, 'cleanup.policy', [...actual].join(','), configs['cleanup.policy']!)
  for (const key of actual.has('delete') ? ['retention.ms', 'retention.bytes'] : []) {
    // Kafka has no bound of bytes by default.
    const least = configs[key] ?? (key === 'retention.bytes' ? '-1' : undefined)
    const given = found[key]
    if (least !== undefined && given !== undefined && bound(given) < bound(least))
      return tooLittle(name, key, given, least)
  }
  const lag = configs['min.compaction.lag.ms']
  const foundLag = found['min.compaction.lag.ms'] ?? '0'
  if (lag !== undefined && Number(foundLag) < Number(lag))
    return tooLittle(name, 'min.compaction.lag.ms', foundLag, lag)
  return undefined
}

function tooLittle(name: string, key: string, found: string, wanted: string): string {
  return `Internal topic '${name}' has ${key}=${found}; the topology needs ${wanted}, or records would be lost that it still needs. Set it: millrace configs alter topic ${name} --set ${key}=${wanted}; or let the application make the topic: millrace reset.`
}

function policies(text = 'delete'): ReadonlySet<string> {
  return new Set(text.split(',').map((policy) => policy.trim()))
}

/** -1: without bound. */
function bound(text: string): number {
  const value = Number(text)
  return value < 0 ? Infinity : value
}
