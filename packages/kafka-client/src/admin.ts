import { errorName } from '@millrace/kafka-protocol'
import {
  createPartitionsApi,
  createTopicsApi,
  deleteRecordsApi,
  deleteTopicsApi,
  describeConfigsApi,
  incrementalAlterConfigsApi,
  listOffsetsApi,
  offsetForLeaderEpochApi,
} from '@millrace/kafka-protocol/messages'
import { KafkaClientError, throwIfError } from './client-error.ts'
import type { Cluster, TopicMetadata } from './cluster.ts'
import { byTopic, type TopicPartition } from './topic-partition.ts'

/** A topic to be created. */
export interface NewTopic {
  readonly name: string
  /** Default: the broker's. */
  readonly partitions?: number
  /** Default: the broker's. */
  readonly replicationFactor?: number
  readonly configs?: Readonly<Record<string, string>>
}

/** One config of a topic or broker. */
export interface ConfigEntry {
  readonly name: string
  /** null when it is a secret. */
  readonly value: string | null
  readonly isDefault: boolean
  readonly isReadOnly: boolean
  readonly documentation: string | null
}

/** What has configs: `topic` by name, `broker` by node id. */
export type ConfigResourceType = 'topic' | 'broker'

/** Changes single configs: a value sets, null goes back to the default. */
export type ConfigChanges = Readonly<Record<string, string | null>>

/** Which offset is looked for; a timestamp (Unix ms) asks for the first record at or after it. */
export type OffsetSpec = 'earliest' | 'latest' | 'max-timestamp' | { readonly timestamp: number }

/** An offset that was looked for. */
export interface ListedOffset extends TopicPartition {
  /** -1 when no record is late enough. */
  readonly offset: number
  /** -1 for `earliest` and `latest`. */
  readonly timestamp: number
  /** Under which the record at the offset was written, for `latest` the current one; -1 when it is not known. */
  readonly leaderEpoch: number
}

const timeoutMs = 30_000
const resourceTypes = { topic: 2, broker: 4 } as const

/** Topics, configs, offsets. Every call throws `KafkaClientError` with the broker's error. */
export class Admin {
  readonly #cluster: Cluster

  constructor(cluster: Cluster) {
    this.#cluster = cluster
  }

  /** All topics, by name. */
  async listTopics(): Promise<readonly TopicMetadata[]> {
    await this.#cluster.retrying(() => this.#cluster.refresh(null))
    return this.#cluster.knownTopics
  }

  /** @throws UNKNOWN_TOPIC_OR_PARTITION */
  async describeTopic(name: string): Promise<TopicMetadata> {
    this.#cluster.forget(name)
    return this.#cluster.topic(name)
  }

  /** @throws TOPIC_ALREADY_EXISTS, INVALID_TOPIC_EXCEPTION, INVALID_CONFIG, … */
  async createTopic({ name, partitions = -1, replicationFactor = -1, configs = {} }: NewTopic): Promise<void> {
    const topic = {
      name,
      numPartitions: partitions,
      replicationFactor,
      assignments: [],
      configs: Object.entries(configs).map(([config, value]) => ({ name: config, value })),
    }
    let isRepeated = false
    const answer = await this.#cluster.requestController(createTopicsApi, { topics: [topic], timeoutMs }, () => {
      isRepeated = true
    })
    for (const { errorCode, errorMessage } of answer.topics) {
      // The first request may have made it, although its answer was lost.
      if (isRepeated && errorName(errorCode) === 'TOPIC_ALREADY_EXISTS') continue
      throwIfError(errorCode, `Creating topic '${name}'`, errorMessage)
    }
  }

  /** @throws UNKNOWN_TOPIC_OR_PARTITION, TOPIC_DELETION_DISABLED */
  async deleteTopic(name: string): Promise<void> {
    const request = { topics: [{ name }], topicNames: [name], timeoutMs }
    const answer = await this.#cluster.requestController(deleteTopicsApi, request)
    this.#cluster.forget(name)
    for (const one of answer.responses) throwIfError(one.errorCode, `Deleting topic '${name}'`, one.errorMessage)
  }

  /** Raises the number of partitions to `count`. @throws INVALID_PARTITIONS */
  async createPartitions(name: string, count: number): Promise<void> {
    const request = { topics: [{ name, count, assignments: null }], timeoutMs, validateOnly: false }
    const answer = await this.#cluster.requestController(createPartitionsApi, request)
    this.#cluster.forget(name)
    for (const one of answer.results) {
      throwIfError(one.errorCode, `Raising the partitions of '${name}' to ${count}`, one.errorMessage)
    }
  }

  /** Deletes what is before `beforeOffset` (-1: everything); returns the log start offset. */
  async deleteRecords(topicPartition: TopicPartition, beforeOffset: number): Promise<number> {
    const { topic, partition } = topicPartition
    return this.#retryingAt([topicPartition], async () => {
      const leader = await this.#cluster.leaderOf(topicPartition)
      const partitions = [{ partitionIndex: partition, offset: beforeOffset }]
      const request = { topics: [{ name: topic, partitions }], timeoutMs }
      const answer = await this.#cluster.request(leader, deleteRecordsApi, request)
      const one = answer.topics[0]?.partitions[0]
      throwIfError(one?.errorCode ?? -1, `Deleting records of ${topic}-${partition} before ${beforeOffset}`)
      return one?.lowWatermark ?? -1
    })
  }

  /** One entry per partition, in no particular order. Under `read_committed` the latest is the last stable offset. */
  async listOffsets(
    partitions: readonly TopicPartition[],
    spec: OffsetSpec,
    isolation: 'read_uncommitted' | 'read_committed' = 'read_uncommitted',
  ): Promise<ListedOffset[]> {
    return this.#retryingAt(partitions, async () => {
      const leaders = await this.#cluster.byLeader(partitions)
      const listed = await Promise.all(
        [...leaders].map(([leader, own]) => this.#listOffsetsOf(leader, own, spec, isolation)),
      )
      return listed.flat()
    })
  }

  /**
   * Up to which offset the partition holds what was written under a leader epoch and before; -1 for an unknown epoch.
   * @see KIP-101
   */
  async epochEndOffset(topicPartition: TopicPartition, leaderEpoch: number): Promise<number> {
    const { topic, partition } = topicPartition
    return this.#retryingAt([topicPartition], async () => {
      const leader = await this.#cluster.leaderOf(topicPartition)
      const request = { topics: [{ topic, partitions: [{ partition, leaderEpoch }] }] }
      const answer = await this.#cluster.request(leader, offsetForLeaderEpochApi, request)
      const one = answer.topics[0]?.partitions[0]
      throwIfError(one?.errorCode ?? -1, `The end of leader epoch ${leaderEpoch} in ${topic}-${partition}`)
      return one?.endOffset ?? -1
    })
  }

  /** Leaders move: after an error they are asked for again. */
  #retryingAt<T>(partitions: readonly TopicPartition[], call: () => Promise<T>): Promise<T> {
    return this.#cluster.retrying(async () => {
      try {
        return await call()
      } catch (error) {
        for (const { topic } of partitions) this.#cluster.forget(topic)
        throw error
      }
    })
  }

  async #listOffsetsOf(
    leader: number,
    partitions: readonly TopicPartition[],
    spec: OffsetSpec,
    isolation: 'read_uncommitted' | 'read_committed',
  ): Promise<ListedOffset[]> {
    const timestamp = timestampOf(spec)
    const topics = [...byTopic(partitions)].map(([name, own]) => ({
      name,
      partitions: own.map(({ partition }) => ({ partitionIndex: partition, timestamp })),
    }))
    const request = { replicaId: -1, isolationLevel: isolation === 'read_committed' ? 1 : 0, topics, timeoutMs }
    const answer = await this.#cluster.request(leader, listOffsetsApi, request)
    return answer.topics.flatMap(({ name, partitions: own }) =>
      own.map((one) => {
        throwIfError(one.errorCode, `Offsets of ${name}-${one.partitionIndex}`)
        const { offset, timestamp: found, leaderEpoch } = one
        return { topic: name, partition: one.partitionIndex, offset, timestamp: found, leaderEpoch }
      }),
    )
  }

  /** @throws UNKNOWN_TOPIC_OR_PARTITION, INVALID_REQUEST */
  async describeConfigs(type: ConfigResourceType, name: string): Promise<ConfigEntry[]> {
    const resource = { resourceType: resourceTypes[type], resourceName: name, configurationKeys: null }
    const request = { resources: [resource], includeSynonyms: false, includeDocumentation: true }
    const nodeId = await this.#configNode(type, name)
    const answer = await this.#cluster.request(nodeId, describeConfigsApi, request)
    return answer.results.flatMap(({ errorCode, errorMessage, configs }) => {
      throwIfError(errorCode, `Configs of ${type} '${name}'`, errorMessage)
      return configs.map((entry) => ({
        name: entry.name,
        value: entry.value,
        isDefault: entry.configSource === 5,
        isReadOnly: entry.readOnly,
        documentation: entry.documentation,
      }))
    })
  }

  /** @throws INVALID_CONFIG, INVALID_REQUEST */
  async alterConfigs(type: ConfigResourceType, name: string, changes: ConfigChanges): Promise<void> {
    const configs = Object.entries(changes).map(([config, value]) => ({
      name: config,
      configOperation: value === null ? 1 : 0,
      value,
    }))
    const resource = { resourceType: resourceTypes[type], resourceName: name, configs }
    const nodeId = await this.#configNode(type, name)
    const answer = await this.#cluster.request(nodeId, incrementalAlterConfigsApi, {
      resources: [resource],
      validateOnly: false,
    })
    for (const one of answer.responses) {
      throwIfError(one.errorCode, `Altering configs of ${type} '${name}'`, one.errorMessage)
    }
  }

  /** Configs of a broker are its own affair; those of topics the controller's. */
  async #configNode(type: ConfigResourceType, name: string): Promise<number> {
    if (type === 'broker') {
      if (/^\d+$/.test(name)) return Number(name)
      throw new KafkaClientError('INVALID_REQUEST', `'${name}' is not the id of a broker: a number is wanted.`)
    }
    if (this.#cluster.controllerId < 0) await this.#cluster.refresh([])
    return this.#cluster.controllerId
  }
}

function timestampOf(spec: OffsetSpec): number {
  switch (spec) {
    case 'latest':
      return -1
    case 'earliest':
      return -2
    case 'max-timestamp':
      return -3
    default:
      return spec.timestamp
  }
}
