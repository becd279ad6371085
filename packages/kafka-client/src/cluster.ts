import { errorName, isRetriableError } from '@millrace/kafka-protocol'
import { type Api, findCoordinatorApi, metadataApi, type ResponseOf, zeroUuid } from '@millrace/kafka-protocol/messages'
import { KafkaClientError, throwIfError } from './client-error.ts'
import { Connection, type ConnectionOptions, type RequestOptions } from './connection.ts'
import { sleep, systemTime, type Time } from './time.ts'
import type { TopicPartition } from './topic-partition.ts'

/** Where a cluster is, and how it is reached. */
export interface ClusterOptions extends ConnectionOptions {
  /** `host:port`, several with commas. */
  readonly bootstrap: string
  /** How long a call goes on trying after errors that may pass. Default 30 000. */
  readonly retryTimeoutMs?: number
}

/** A broker of the cluster. */
export interface BrokerNode {
  readonly nodeId: number
  readonly host: string
  readonly port: number
  readonly rack: string | null
}

/** A topic as the cluster describes it. */
export interface TopicMetadata {
  readonly name: string
  /** 22 characters of URL-safe base64; all zero (`AAAA…`) from a broker without topic ids. */
  readonly topicId: string
  readonly isInternal: boolean
  /** By partition number. */
  readonly partitions: readonly PartitionMetadata[]
}

/** A partition as the cluster describes it. */
export interface PartitionMetadata {
  readonly partition: number
  /** -1 when there is none at present. */
  readonly leaderId: number
  readonly leaderEpoch: number
  readonly replicas: readonly number[]
  readonly inSyncReplicas: readonly number[]
}

/** What a group or a transactional id is coordinated for. */
export type CoordinatorType = 'group' | 'transaction'

const retryBackoffMs = 100

/** The brokers of a cluster: connections to them, made when they are needed, and what is known of its topics. */
export class Cluster {
  readonly #options: ClusterOptions
  readonly #time: Time
  readonly #connections = new Map<string, Promise<Connection>>()
  #nodes = new Map<number, BrokerNode>()
  #topics = new Map<string, TopicMetadata>()
  #controllerId = -1
  #clusterId: string | null = null
  #isClosed = false

  constructor(options: ClusterOptions) {
    this.#options = options
    this.#time = options.time ?? systemTime
  }

  /** Known after `refresh`. */
  get clusterId(): string | null {
    return this.#clusterId
  }

  get controllerId(): number {
    return this.#controllerId
  }

  get nodes(): readonly BrokerNode[] {
    return [...this.#nodes.values()]
  }

  /** Asks for the metadata of `topics`, or with null of all. Topics with errors are left out. */
  async refresh(topics: readonly string[] | null, allowAutoTopicCreation = false): Promise<void> {
    const answer = await this.requestAny(metadataApi, {
      topics: topics === null ? null : topics.map((name) => ({ name })),
      allowAutoTopicCreation,
    })
    throwIfError(answer.errorCode, 'Metadata')
    this.#nodes = new Map(answer.brokers.map((broker) => [broker.nodeId, broker]))
    this.#controllerId = answer.controllerId
    this.#clusterId = answer.clusterId
    if (topics === null) this.#topics = new Map()
    for (const topic of answer.topics) this.#learn(topic)
  }

  #learn(topic: ResponseOf<typeof metadataApi>['topics'][number]): void {
    const { name } = topic
    if (name === null) return
    if (topic.errorCode !== 0) {
      this.#topics.delete(name)
      if (isRetriableError(errorName(topic.errorCode))) return
      throwIfError(topic.errorCode, `Topic '${name}'`)
    }
    const partitions = topic.partitions.map((one) => ({
      partition: one.partitionIndex,
      leaderId: one.leaderId,
      leaderEpoch: one.leaderEpoch,
      replicas: one.replicaNodes,
      inSyncReplicas: one.isrNodes,
    }))
    partitions.sort((a, b) => a.partition - b.partition)
    this.#topics.set(name, { name, topicId: topic.topicId, isInternal: topic.isInternal, partitions })
  }

  /** The topics that are known, by name. */
  get knownTopics(): readonly TopicMetadata[] {
    return [...this.#topics.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  /** A topic, if it is known already. */
  knownTopic(name: string): TopicMetadata | undefined {
    return this.#topics.get(name)
  }

  /** A topic, asked for when it is not known yet. @throws KafkaClientError UNKNOWN_TOPIC_OR_PARTITION */
  async topic(name: string, allowAutoTopicCreation = false): Promise<TopicMetadata> {
    const known = this.#topics.get(name)
    if (known !== undefined) return known
    await this.refresh([name], allowAutoTopicCreation)
    const found = this.#topics.get(name)
    if (found !== undefined) return found
    throw new KafkaClientError('UNKNOWN_TOPIC_OR_PARTITION', `There is no topic '${name}'.`)
  }

  /** Forgets what is known of a topic, so that its leaders are asked for again. */
  forget(topic: string): void {
    this.#topics.delete(topic)
  }

  /** The broker that leads a partition. @throws KafkaClientError UNKNOWN_TOPIC_OR_PARTITION, LEADER_NOT_AVAILABLE */
  async leaderOf({ topic, partition }: TopicPartition): Promise<number> {
    const found = (await this.topic(topic)).partitions[partition]
    if (found === undefined) {
      throw new KafkaClientError('UNKNOWN_TOPIC_OR_PARTITION', `Topic '${topic}' has no partition ${partition}.`)
    }
    if (found.leaderId >= 0) return found.leaderId
    this.forget(topic)
    throw new KafkaClientError('LEADER_NOT_AVAILABLE', `Partition ${topic}-${partition} has no leader at present.`)
  }

  /** Partitions by the broker that leads them. */
  async byLeader<T extends TopicPartition>(partitions: readonly T[]): Promise<Map<number, T[]>> {
    const leaders = new Map<number, T[]>()
    for (const one of partitions) {
      const leader = await this.leaderOf(one)
      const own = leaders.get(leader)
      if (own === undefined) leaders.set(leader, [one])
      else own.push(one)
    }
    return leaders
  }

  /** The broker that coordinates a group or a transactional id. */
  async coordinatorOf(type: CoordinatorType, key: string): Promise<number> {
    return this.retrying(async () => {
      const keyType = type === 'group' ? 0 : 1
      const answer = await this.requestAny(findCoordinatorApi, { key, keyType, coordinatorKeys: [key] })
      const found = answer.coordinators[0] ?? answer
      throwIfError(found.errorCode, `Coordinator of ${type} '${key}'`, found.errorMessage)
      this.#nodes.set(found.nodeId, { nodeId: found.nodeId, host: found.host, port: found.port, rack: null })
      return found.nodeId
    })
  }

  /** A connection to a broker by id. @throws KafkaClientError BROKER_NOT_AVAILABLE for one that the cluster does not name */
  async connection(nodeId: number): Promise<Connection> {
    if (!this.#nodes.has(nodeId)) await this.refresh([])
    const node = this.#nodes.get(nodeId)
    if (node === undefined) {
      throw new KafkaClientError('BROKER_NOT_AVAILABLE', `Broker ${nodeId} is not in the cluster at present.`)
    }
    return this.#connect(addressOf(node))
  }

  /** Sends a request to one broker. */
  async request<Request, Response, RequestInput, ResponseInput>(
    nodeId: number,
    api: Api<Request, Response, RequestInput, ResponseInput>,
    request: RequestInput,
    options?: RequestOptions,
  ): Promise<Response> {
    try {
      return await (await this.connection(nodeId)).request(api, request, options)
    } catch (error) {
      // Another one may take its place.
      if (nodeId === this.#controllerId && error instanceof KafkaClientError && error.isRetriable)
        this.#controllerId = -1
      throw error
    }
  }

  /** Sends a request to any broker that can be reached. */
  async requestAny<Request, Response, RequestInput, ResponseInput>(
    api: Api<Request, Response, RequestInput, ResponseInput>,
    request: RequestInput,
  ): Promise<Response> {
    return (await this.#anyConnection()).request(api, request)
  }

  /** Sends a request to the controller, which is asked for first, and again after errors that may pass; `onRepeat` hears of that. */
  async requestController<Request, Response, RequestInput, ResponseInput>(
    api: Api<Request, Response, RequestInput, ResponseInput>,
    request: RequestInput,
    onRepeat: () => void = () => undefined,
  ): Promise<Response> {
    let isRepeated = false
    return this.retrying(async () => {
      if (isRepeated) onRepeat()
      isRepeated = true
      if (this.#controllerId < 0) await this.refresh([])
      return this.request(this.#controllerId, api, request)
    })
  }

  /** Repeats `call` after errors that may pass, until `retryTimeoutMs` are over. */
  async retrying<T>(call: () => Promise<T>): Promise<T> {
    const deadline = this.#time.now() + (this.#options.retryTimeoutMs ?? 30_000)
    for (;;) {
      try {
        return await call()
      } catch (error) {
        const mayPass = error instanceof KafkaClientError && error.isRetriable && !this.#isClosed
        if (!mayPass || this.#time.now() >= deadline) throw error
        await sleep(this.#time, retryBackoffMs)
      }
    }
  }

  /** Whether the topic can be named by its id. */
  static hasTopicId(topic: TopicMetadata): boolean {
    return topic.topicId !== zeroUuid
  }

  /** Closes all connections; what is under way fails with CLIENT_CLOSED. */
  async close(): Promise<void> {
    this.#isClosed = true
    const open = [...this.#connections.values()]
    this.#connections.clear()
    for (const connection of await Promise.allSettled(open)) {
      if (connection.status === 'fulfilled') connection.value.close()
    }
  }

  async #anyConnection(): Promise<Connection> {
    const known = this.nodes.map(addressOf)
    const addresses = new Set([...known, ...bootstrapAddresses(this.#options.bootstrap)])
    let failure: KafkaClientError | undefined
    for (const address of addresses) {
      try {
        return await this.#connect(address)
      } catch (error) {
        if (!(error instanceof KafkaClientError) || !error.isRetriable) throw error
        failure = error
      }
    }
    if (failure === undefined || addresses.size === 1) throw failure
    const text = `None of ${[...addresses].join(', ')} can be reached. ${failure.message}`
    throw new KafkaClientError(failure.code, text, { cause: failure })
  }

  async #connect(address: string): Promise<Connection> {
    for (let known = this.#connections.get(address); known !== undefined; known = this.#connections.get(address)) {
      const connection = await known
      if (connection.isOpen) return connection
      connection.retire()
      if (this.#connections.get(address) !== known) continue
      this.#connections.delete(address)
      // The broker may have been away: leaders, and their epochs, may be others now.
      this.#topics.clear()
    }
    if (this.#isClosed) throw new KafkaClientError('CLIENT_CLOSED', 'The client was closed.')
    const [host, port] = splitAddress(address)
    const opening = Connection.open(host, port, this.#options)
    this.#connections.set(address, opening)
    opening.catch(() => {
      if (this.#connections.get(address) === opening) this.#connections.delete(address)
    })
    return opening
  }
}

function addressOf({ host, port }: BrokerNode): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

/** @throws KafkaClientError for a text that names no address */
export function bootstrapAddresses(bootstrap: string): string[] {
  const addresses = bootstrap.split(',').map((part) => part.trim())
  for (const address of addresses) splitAddress(address)
  return addresses
}

function splitAddress(address: string): [string, number] {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]+|[0-9a-fA-F:]+)):(\d{1,5})$/.exec(address) ?? []
  const host = bracketed ?? plain
  if (host === undefined || Number(port) > 65_535) {
    throw new KafkaClientError('INVALID_REQUEST', `'${address}' is not an address: host:port is wanted.`)
  }
  return [host, Number(port)]
}
