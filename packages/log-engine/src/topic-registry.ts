import { randomBytes } from 'node:crypto'
import type { RecordBatchReader } from '@millrace/kafka-protocol'
import { CoordinatorLog, type CoordinatorRecord } from './coordinator/coordinator-log.ts'
import { EngineError } from './engine-error.ts'
import type { NewTopic, TopicDescription } from './engine-requests.ts'
import { parseLogConfig } from './log/log-config.ts'
import type { PartitionLog } from './log/partition-log.ts'
import type { Time } from './time.ts'

/** Topics that the engine makes for itself; clients may read but not write them. */
export const internalTopics: ReadonlySet<string> = new Set(['__consumer_offsets', '__transaction_state'])

/** Producer ids are taken from the registry so many at a time. */
const producerIdBlock = 1000

/**
 * Which topics there are, with ids, partition counts and configs, and which producer ids were given out. Kept in the
 * partition `__metadata-0` as records with JSON values, and changed by replaying them only:
 *
 *   `topic:<name>` → `{ "topicId": …, "partitions": …, "configs": { … } }`, null when it is deleted
 *   `producer-ids` → `{ "next": … }`
 */
export class TopicRegistry {
  readonly #log: CoordinatorLog
  readonly #topics = new Map<string, TopicDescription>()
  readonly #namesById = new Map<string, string>()
  #version = 0
  /** Deleted while the log was read: their folders may still be there. */
  readonly #deleted: TopicDescription[] = []
  /** The next id of the block at hand, and the block's end as the log states it. */
  #nextProducerId = 0
  #producerIdEnd = 0
  /** Settles when the block at hand is durable. */
  #reserving: Promise<void> = Promise.resolve()

  constructor(partition: PartitionLog, time: Time) {
    this.#log = new CoordinatorLog(partition, time, (batch) => this.#replay(batch))
    this.#log.load()
    this.#nextProducerId = this.#producerIdEnd
  }

  /** The partition in which all this is kept. */
  get partition(): PartitionLog {
    return this.#log.partition
  }

  get(name: string): TopicDescription | undefined {
    return this.#topics.get(name)
  }

  byId(topicId: string): TopicDescription | undefined {
    return this.#topics.get(this.#namesById.get(topicId) ?? '')
  }

  /** Rises with every change of a topic. */
  get version(): number {
    return this.#version
  }

  /** By name. */
  list(): TopicDescription[] {
    return [...this.#topics.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  /** Topics that were deleted before the engine was opened, and not made again. */
  deletedTopics(): readonly TopicDescription[] {
    return this.#deleted.filter(({ name }) => !this.#topics.has(name))
  }

  /**
   * A topic that could be made; it exists once it is `put`.
   * @throws TOPIC_ALREADY_EXISTS, INVALID_TOPIC_EXCEPTION, INVALID_PARTITIONS, INVALID_CONFIG
   */
  plan(topic: NewTopic): TopicDescription {
    const { name, partitions, configs = {} } = topic
    assertValidName(name)
    if (this.#topics.has(name)) throw new EngineError('TOPIC_ALREADY_EXISTS', `Topic '${name}' exists already.`)
    if (!Number.isInteger(partitions) || partitions < 1) {
      throw new EngineError('INVALID_PARTITIONS', `Topic '${name}' needs at least one partition, not ${partitions}.`)
    }
    parseLogConfig(name, configs)
    const topicId = `m${randomBytes(16).toString('base64url').slice(1)}`
    return { name, topicId, partitions, configs, isInternal: internalTopics.has(name) }
  }

  /** The topic is as described from here on. */
  put({ name, topicId, partitions, configs }: TopicDescription): void {
    this.#log.append([topicRecord(name, { topicId, partitions, configs })])
  }

  /** @throws UNKNOWN_TOPIC_OR_PARTITION */
  delete(name: string): TopicDescription {
    const topic = this.existing(name)
    this.#log.append([topicRecord(name, null)])
    return topic
  }

  /** The topic with more partitions; it has them once it is `put`. @throws UNKNOWN_TOPIC_OR_PARTITION, INVALID_PARTITIONS */
  planPartitions(name: string, partitions: number): TopicDescription {
    const topic = this.existing(name)
    if (!Number.isInteger(partitions) || partitions <= topic.partitions) {
      throw new EngineError(
        'INVALID_PARTITIONS',
        `Topic '${name}' has ${topic.partitions} partitions; only a larger number is possible, not ${partitions}.`,
      )
    }
    return { ...topic, partitions }
  }

  /** The topic with other configs, in force once it is `put`. @throws UNKNOWN_TOPIC_OR_PARTITION, INVALID_CONFIG */
  planConfigs(name: string, changes: Readonly<Record<string, string | null>>): TopicDescription {
    const topic = this.existing(name)
    const kept = Object.entries({ ...topic.configs, ...changes }).filter(([, value]) => value !== null)
    const configs = Object.fromEntries(kept) as Record<string, string>
    parseLogConfig(name, configs)
    return { ...topic, configs }
  }

  /** A producer id that was never given out. It is durable that it was, whatever the flush policy. */
  async nextProducerId(): Promise<bigint> {
    if (this.#nextProducerId === this.#producerIdEnd) {
      const value = Buffer.from(JSON.stringify({ next: this.#producerIdEnd + producerIdBlock }))
      this.#log.append([{ key: Buffer.from('producer-ids'), value }])
      this.#reserving = this.partition.sync()
    }
    const producerId = this.#nextProducerId++
    await this.#reserving
    return BigInt(producerId)
  }

  /** @throws UNKNOWN_TOPIC_OR_PARTITION */
  existing(name: string): TopicDescription {
    const topic = this.#topics.get(name)
    if (topic !== undefined) return topic
    throw new EngineError('UNKNOWN_TOPIC_OR_PARTITION', `There is no topic '${name}'. Create it first.`)
  }

  #replay(batch: RecordBatchReader): void {
    while (batch.nextRecord()) {
      const key = Buffer.from(batch.key ?? []).toString()
      const value = batch.value && JSON.parse(Buffer.from(batch.value).toString())
      if (key === 'producer-ids') this.#producerIdEnd = value.next
      else if (key.startsWith('topic:')) this.#replayTopic(key.slice('topic:'.length), value)
    }
  }

  #replayTopic(name: string, value: Omit<TopicDescription, 'name' | 'isInternal'> | null): void {
    const before = this.#topics.get(name)
    this.#version++
    if (before !== undefined) this.#namesById.delete(before.topicId)
    if (value !== null) {
      this.#namesById.set(value.topicId, name)
      this.#topics.set(name, { name, ...value, isInternal: internalTopics.has(name) })
    } else if (before !== undefined) {
      this.#topics.delete(name)
      this.#deleted.push(before)
    }
  }
}

function topicRecord(name: string, value: Omit<TopicDescription, 'name' | 'isInternal'> | null): CoordinatorRecord {
  return { key: Buffer.from(`topic:${name}`), value: value && Buffer.from(JSON.stringify(value)) }
}

function assertValidName(name: string): void {
  if (/^[a-zA-Z0-9._-]{1,249}$/.test(name) && name !== '.' && name !== '..' && name !== '__metadata') return
  throw new EngineError(
    'INVALID_TOPIC_EXCEPTION',
    `'${name}' cannot name a topic: use 1 to 249 letters, digits, '.', '_' and '-'.`,
  )
}
