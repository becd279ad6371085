import { encodeControlBatch, RecordBatchReader } from '@millrace/kafka-protocol'
import type { ConsumerGroups } from './coordinator/consumer-group/consumer-group-requests.ts'
import { GroupCoordinator } from './coordinator/group/group-coordinator.ts'
import type { Groups } from './coordinator/group/group-requests.ts'
import { defaultTransactionConfig } from './coordinator/transaction/transaction-config.ts'
import { TransactionCoordinator } from './coordinator/transaction/transaction-coordinator.ts'
import type { TransactionMetadata } from './coordinator/transaction/transaction-metadata.ts'
import { type DataDirectory, openDataDirectory } from './data-directory.ts'
import { EngineError } from './engine-error.ts'
import type {
  AbortedTransaction,
  AppendOptions,
  AppendResult,
  CommittedOffset,
  EpochEndOffset,
  FetchOptions,
  FetchPosition,
  FetchResult,
  FlushPolicy,
  GroupMetadata,
  InitProducerIdRequest,
  IsolationLevel,
  ListedOffset,
  LogEngineOptions,
  NewTopic,
  OffsetSpec,
  OffsetToCommit,
  ProducerDescription,
  ProducerIdentity,
  TopicConfig,
  TopicDescription,
  TransactionalProducer,
  TransactionDescription,
} from './engine-requests.ts'
import { FetchPurgatory } from './fetch-purgatory.ts'
import { configsWithoutEffect, logConfigDefaults } from './log/log-config.ts'
import { LogMaintenance } from './log/log-maintenance.ts'
import { LogManager } from './log/log-manager.ts'
import type { PartitionLog } from './log/partition-log.ts'
import { nodeFileSystem } from './node-file-system.ts'
import { systemTime, type Time, type Timer } from './time.ts'
import { partitionName, type TopicPartition } from './topic-partition.ts'
import { internalTopics, TopicRegistry } from './topic-registry.ts'

const offsetsPartition: TopicPartition = { topic: '__consumer_offsets', partition: 0 }
const transactionsPartition: TopicPartition = { topic: '__transaction_state', partition: 0 }
const metadataPartition: TopicPartition = { topic: '__metadata', partition: 0 }

/** Where the topic registry is kept; not in the registry itself. The id is that of Kafka's metadata topic. */
const metadataTopic = {
  name: metadataPartition.topic,
  partitions: 1,
  topicId: 'AAAAAAAAAAAAAAAAAAAAAQ',
  configs: { 'cleanup.policy': 'compact', 'segment.bytes': '1048576' },
}

/** Kafka's configs of both internal topics. */
const internalTopicConfigs = { 'cleanup.policy': 'compact', 'segment.bytes': '104857600' }

const defaultFlushIntervalMs = 1000
const defaultCheckpointBytes = 16 * 1024 * 1024

/**
 * The log in process: topics, record batches by offset, producers, transactions and committed offsets.
 *
 * Calls that only touch memory and hand bytes to the operating system are synchronous; those that may wait for the
 * disk or for time return promises. One engine owns its directory; every call is safe from any turn of one thread.
 * Every error is an `EngineError`.
 */
export class LogEngine {
  readonly #directory: DataDirectory
  readonly #time: Time
  readonly #flush: FlushPolicy
  readonly #onWarning: (message: string) => void
  readonly #registry: TopicRegistry
  readonly #logs: LogManager
  readonly #purgatory: FetchPurgatory
  readonly #groups: GroupCoordinator
  readonly #transactions: TransactionCoordinator
  readonly #maintenance: LogMaintenance
  #flushTimer: Timer | undefined
  #isOpen = true
  #closing: Promise<void> | undefined

  /**
   * Opens a data directory, making it when it is missing or empty; after a crash, recovers it.
   * @throws LOG_DIRECTORY_FOREIGN, LOG_DIRECTORY_LOCKED, LOG_FORMAT_TOO_NEW, CORRUPT_MESSAGE, KAFKA_STORAGE_ERROR
   */
  static async open(options: LogEngineOptions): Promise<LogEngine> {
    const directory = await openDataDirectory(options.fileSystem ?? nodeFileSystem, options.dir)
    let engine: LogEngine | undefined
    try {
      engine = new LogEngine(directory, options)
      await engine.#transactions.load()
      return engine
    } catch (error) {
      if (engine !== undefined) engine.#abandon()
      directory.release()
      throw error
    }
  }

  private constructor(directory: DataDirectory, options: LogEngineOptions) {
    const { fileSystem = nodeFileSystem, time = systemTime, onWarning = () => {}, onProgress } = options
    let opened = 0
    let partitions = 0
    this.#directory = directory
    this.#time = time
    this.#flush = options.flush ?? 'commit'
    this.#onWarning = onWarning
    this.#purgatory = new FetchPurgatory(time)
    this.#logs = new LogManager({
      directory: directory.path,
      fileSystem,
      checkpointBytes: options.checkpointBytes ?? defaultCheckpointBytes,
      onWarning,
      onOpened: () => {
        if (++opened <= partitions) onProgress?.(opened, partitions)
      },
      onAdvance: (partition) => this.#purgatory.wake(partition),
    })
    try {
      this.#logs.openTopic(metadataTopic)
      this.#registry = new TopicRegistry(this.#logs.get(metadataPartition), time)
      for (const topic of this.#registry.deletedTopics()) this.#logs.removeTopic(topic)
      const topics = this.#registry.list()
      partitions = topics.reduce((sum, topic) => sum + topic.partitions, opened)
      for (const topic of topics) this.#logs.openTopic(topic)
      for (const topic of internalTopics) {
        if (this.#registry.get(topic) === undefined)
          this.#makeTopic({ name: topic, partitions: 1, configs: internalTopicConfigs })
      }
      this.#groups = new GroupCoordinator({
        partition: this.#logs.get(offsetsPartition),
        topics: this.#registry,
        time,
        config: options.groups ?? {},
        onWarning,
        assertOpen: () => this.#assertOpen(),
      })
      this.#transactions = new TransactionCoordinator({
        partition: this.#logs.get(transactionsPartition),
        logs: this.#logs,
        time,
        config: { ...defaultTransactionConfig, ...options.transactions },
        nextProducerId: () => this.#registry.nextProducerId(),
        sync: (partitions) => this.#logs.sync(partitions),
        syncForCommit: (partitions) => this.#syncForCommit(partitions),
        writeMarker: (partition, outcome, producer) => this.#writeMarker(partition, outcome, producer),
        onWarning,
      })
    } catch (error) {
      this.#logs.abandon()
      throw error
    }
    this.#maintenance = new LogMaintenance({
      logs: this.#logs,
      fileSystem,
      time,
      // The outcome of a transaction is kept until its markers are durable.
      beforeCleaning: async (log) => {
        if (log.name === partitionName(transactionsPartition)) await this.#logs.sync(this.#logs.partitions())
      },
      onWarning,
    })
    if (this.#flush === 'interval') this.#armFlushTimer(options.flushIntervalMs ?? defaultFlushIntervalMs)
  }

  /** Made with the data directory; 22 characters of URL-safe base64. */
  get clusterId(): string {
    return this.#directory.clusterId
  }

  /** The classic group protocol, and administration of groups. */
  get groups(): Groups {
    return this.#groups
  }

  /** The consumer group protocol. */
  get consumerGroups(): ConsumerGroups {
    return this.#groups.consumers
  }

  /** @throws TOPIC_ALREADY_EXISTS, INVALID_TOPIC_EXCEPTION, INVALID_PARTITIONS, INVALID_CONFIG */
  createTopic(topic: NewTopic): TopicDescription {
    this.#assertOpen()
    if (internalTopics.has(topic.name)) throw reserved(topic.name)
    const made = this.#makeTopic(topic)
    this.#warnOf(topic.name, topic.configs ?? {})
    return made
  }

  /** Removes the topic with its data and its committed offsets. @throws UNKNOWN_TOPIC_OR_PARTITION */
  deleteTopic(name: string): void {
    this.#assertOpen()
    if (internalTopics.has(name)) throw reserved(name)
    const topic = this.#registry.delete(name)
    this.#logs.removeTopic(topic)
    this.#groups.offsets.deleteTopic(name)
    for (let partition = 0; partition < topic.partitions; partition++)
      this.#purgatory.wake(partitionName({ topic: name, partition }))
  }

  /**
   * Gives the topic `partitions` partitions in all. Keys map to other partitions from then on.
   * @throws UNKNOWN_TOPIC_OR_PARTITION, INVALID_PARTITIONS unless the number grows
   */
  createPartitions(name: string, partitions: number): TopicDescription {
    this.#assertOpen()
    if (internalTopics.has(name)) throw reserved(name)
    const topic = this.#registry.planPartitions(name, partitions)
    this.#establish(topic, this.#registry.existing(name).partitions)
    return topic
  }

  /** Sets configs, in force at once; null gives one its default back. @throws UNKNOWN_TOPIC_OR_PARTITION, INVALID_CONFIG */
  alterTopicConfigs(name: string, changes: Readonly<Record<string, string | null>>): TopicDescription {
    this.#assertOpen()
    const topic = this.#registry.planConfigs(name, changes)
    this.#registry.put(topic)
    this.#logs.openTopic(topic)
    this.#warnOf(name, changes)
    return topic
  }

  #warnOf(topic: string, configs: Readonly<Record<string, string | null>>): void {
    const warning = configsWithoutEffect(topic, configs)
    if (warning !== undefined) this.#onWarning(warning)
  }

  /** All configs of a topic, by name. @throws UNKNOWN_TOPIC_OR_PARTITION */
  describeTopicConfigs(name: string): TopicConfig[] {
    const configs: Readonly<Record<string, string>> = this.#registry.existing(name).configs
    return Object.entries(logConfigDefaults).map(([config, defaultValue]) => {
      const value = configs[config]
      return { name: config, value: value ?? defaultValue, isDefault: value === undefined }
    })
  }

  /** undefined when there is no such topic. */
  describeTopic(name: string): TopicDescription | undefined {
    return this.#registry.get(name)
  }

  /** All topics, internal ones included, by name. */
  listTopics(): TopicDescription[] {
    return this.#registry.list()
  }

  /**
   * Appends one or more encoded record batches, all or none. Takes over `batches`: base offset and leader epoch are
   * written into their headers. On return the bytes are with the operating system.
   * @throws CORRUPT_MESSAGE, MESSAGE_TOO_LARGE, RECORD_LIST_TOO_LARGE, INVALID_RECORD, INVALID_TIMESTAMP,
   *   OUT_OF_ORDER_SEQUENCE_NUMBER, INVALID_PRODUCER_EPOCH, INVALID_TXN_STATE, UNKNOWN_TOPIC_OR_PARTITION, LOG_DISK_FULL,
   *   KAFKA_STORAGE_ERROR
   */
  append(topicPartition: TopicPartition, batches: Uint8Array, options: AppendOptions = {}): AppendResult {
    this.#assertOpen()
    if (internalTopics.has(topicPartition.topic)) throw reserved(topicPartition.topic)
    const log = this.#logs.get(topicPartition)
    const appended = log.append(batches, this.#time.now(), (batch) =>
      this.#transactions.verifyBatch(batch, topicPartition, options.transactionalId),
    )
    return { ...appended, logStartOffset: log.logStartOffset }
  }

  /** @throws OFFSET_OUT_OF_RANGE, UNKNOWN_TOPIC_OR_PARTITION, CORRUPT_MESSAGE, KAFKA_STORAGE_ERROR */
  fetch(topicPartition: TopicPartition, offset: number, options: FetchOptions = {}): FetchResult {
    this.#assertOpen()
    const { maxBytes = 1024 * 1024, isolation = 'read_uncommitted', checkCrcs = true, allocate } = options
    const log = this.#logs.get(topicPartition)
    const { endOffset: highWatermark, lastStableOffset, logStartOffset } = log
    const isCommitted = isolation === 'read_committed'
    const batches = log.read(offset, maxBytes, isCommitted ? lastStableOffset : highWatermark, checkCrcs, allocate)
    return {
      batches,
      highWatermark,
      lastStableOffset,
      logStartOffset,
      abortedTransactions: isCommitted ? abortedTransactions(log, offset, batches) : null,
    }
  }

  /**
   * Settles as soon as one of the partitions has records at or after its position: true, at once when it has already;
   * or false after `timeoutMs`, or when `signal` aborts, or the engine closes.
   */
  waitForData(
    positions: readonly FetchPosition[],
    timeoutMs: number,
    options: { readonly isolation?: IsolationLevel; readonly signal?: AbortSignal } = {},
  ): Promise<boolean> {
    this.#assertOpen()
    const names = positions.map(partitionName)
    const hasData = (): boolean =>
      positions.some((position) => {
        const log = this.#logs.find(position)
        return log === undefined || endFor(log, options.isolation) > position.offset
      })
    return this.#purgatory.wait(names, timeoutMs, hasData, options.signal)
  }

  /** `latest` is the high watermark, or under `read_committed` the last stable offset. */
  listOffset(topicPartition: TopicPartition, spec: OffsetSpec, isolation?: IsolationLevel): ListedOffset {
    this.#assertOpen()
    const log = this.#logs.get(topicPartition)
    const leaderEpoch = log.epochs.current
    if (spec === 'earliest') return { offset: log.logStartOffset, timestamp: -1, leaderEpoch }
    if (spec === 'latest') return { offset: endFor(log, isolation), timestamp: -1, leaderEpoch }
    const found =
      spec === 'max-timestamp' ? log.findMaxTimestamp() : log.findByTimestamp(spec.timestamp, endFor(log, isolation))
    return { ...(found ?? { offset: -1, timestamp: -1 }), leaderEpoch }
  }

  /** Tells a reader that has read up to an offset in `leaderEpoch` whether a recovery has cut what it read. */
  offsetForLeaderEpoch(topicPartition: TopicPartition, leaderEpoch: number): EpochEndOffset {
    this.#assertOpen()
    const log = this.#logs.get(topicPartition)
    const found = log.epochs.endOffsetFor(leaderEpoch, log.endOffset)
    return { leaderEpoch: found?.epoch ?? -1, endOffset: found?.endOffset ?? -1 }
  }

  /** Moves the log start offset up to `beforeOffset` (-1: the high watermark); returns the log start offset. */
  deleteRecords(topicPartition: TopicPartition, beforeOffset: number): number {
    this.#assertOpen()
    const log = this.#logs.get(topicPartition)
    log.deleteRecordsBefore(beforeOffset === -1 ? log.endOffset : beforeOffset)
    return log.logStartOffset
  }

  /**
   * A new producer id, or for a known transactional id the next epoch: older producers of that id are fenced, and a
   * transaction which one of them left open is aborted first.
   * @throws PRODUCER_FENCED, INVALID_TRANSACTION_TIMEOUT, CONCURRENT_TRANSACTIONS
   */
  async initProducerId(request: InitProducerIdRequest = {}): Promise<ProducerIdentity> {
    this.#assertOpen()
    return this.#transactions.initProducerId(request)
  }

  /** Of the segments of a partition, without their indexes. @throws UNKNOWN_TOPIC_OR_PARTITION */
  sizeInBytes(topicPartition: TopicPartition): number {
    this.#assertOpen()
    return this.#logs.get(topicPartition).segments.reduce((sum, segment) => sum + segment.sizeInBytes, 0)
  }

  /** By transactional id. */
  listTransactions(): TransactionDescription[] {
    this.#assertOpen()
    const all = [...this.#transactions.transactions()].map(describeTransaction)
    return all.sort((a, b) => (a.transactionalId < b.transactionalId ? -1 : 1))
  }

  /** undefined for a transactional id that is not known. */
  describeTransaction(transactionalId: string): TransactionDescription | undefined {
    this.#assertOpen()
    const known = this.#transactions.transaction(transactionalId)
    return known === undefined ? undefined : describeTransaction(known)
  }

  /** The producers that a partition knows. @throws UNKNOWN_TOPIC_OR_PARTITION */
  describeProducers(topicPartition: TopicPartition): ProducerDescription[] {
    this.#assertOpen()
    return [...this.#logs.get(topicPartition).producers.entries()].map((entry) => ({
      producerId: entry.producerId,
      producerEpoch: entry.producerEpoch,
      lastSequence: entry.batches.at(-1)?.lastSequence ?? -1,
      lastTimestamp: entry.lastTimestamp,
      coordinatorEpoch: entry.coordinatorEpoch,
      transactionStartOffset: entry.transactionFirstOffset ?? -1,
    }))
  }

  /** @throws PRODUCER_FENCED, INVALID_PRODUCER_ID_MAPPING, CONCURRENT_TRANSACTIONS, UNKNOWN_TOPIC_OR_PARTITION */
  addPartitionsToTxn(producer: TransactionalProducer, partitions: readonly TopicPartition[]): void {
    this.#assertOpen()
    this.#transactions.addPartitions(producer, partitions)
  }

  /** Announces that offsets of the group will be committed in the transaction. */
  addOffsetsToTxn(producer: TransactionalProducer, groupId: string): void {
    this.#assertOpen()
    assertGroupId(groupId)
    this.#transactions.addPartitions(producer, [offsetsPartition])
  }

  /**
   * Writes offsets that count once the transaction commits. Needs `addOffsetsToTxn`, unless `joins` lets the group's offsets
   * join the transaction by themselves (Kafka's transaction version 2). A membership that is given is checked; without one
   * anybody may commit.
   * @throws INVALID_TXN_STATE, PRODUCER_FENCED, UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID, ILLEGAL_GENERATION
   */
  txnOffsetCommit(
    producer: TransactionalProducer,
    group: GroupMetadata,
    offsets: readonly OffsetToCommit[],
    options: { readonly joins?: boolean } = {},
  ): void {
    this.#assertOpen()
    assertGroupId(group.groupId)
    if (options.joins) {
      this.#groups.offsets.assertMayCommit(group, offsets, true)
      this.#transactions.addPartitions(producer, [offsetsPartition])
    }
    if (!this.#transactions.hasPartition(producer, offsetsPartition)) {
      throw new EngineError(
        'INVALID_TXN_STATE',
        `The transaction of '${producer.transactionalId}' holds no offsets of group '${group.groupId}'. Call addOffsetsToTxn first.`,
      )
    }
    this.#groups.offsets.commit(group, offsets, producer)
  }

  /**
   * Ends the transaction; settles when it is as durable as the flush policy says and its markers are written, with the
   * identity for the next transaction: the next epoch with `raisesEpoch` (Kafka's transaction version 2), else the same.
   * Repeating the same outcome is harmless.
   * @throws PRODUCER_FENCED, INVALID_TXN_STATE, CONCURRENT_TRANSACTIONS
   */
  async endTxn(
    producer: TransactionalProducer,
    outcome: 'commit' | 'abort',
    options: { readonly raisesEpoch?: boolean } = {},
  ): Promise<ProducerIdentity> {
    this.#assertOpen()
    return this.#transactions.end(producer, outcome, options.raisesEpoch ?? false)
  }

  /** `addOffsetsToTxn`, `txnOffsetCommit` and `endTxn('commit')` in one. Without an open transaction and offsets: nothing. */
  async commitTransaction(
    producer: TransactionalProducer,
    group: GroupMetadata,
    offsets: readonly OffsetToCommit[],
  ): Promise<void> {
    this.#assertOpen()
    if (offsets.length > 0) {
      this.addOffsetsToTxn(producer, group.groupId)
      this.txnOffsetCommit(producer, group, offsets)
    }
    if (this.#transactions.isOngoing(producer)) await this.#transactions.end(producer, 'commit', false)
  }

  /**
   * Commits offsets outside transactions, of a member or, while the group is empty, of anybody; settles when they are as
   * durable as the flush policy says.
   * @throws UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID, ILLEGAL_GENERATION, STALE_MEMBER_EPOCH, REBALANCE_IN_PROGRESS
   */
  async commitOffsets(group: GroupMetadata, offsets: readonly OffsetToCommit[]): Promise<void> {
    this.#assertOpen()
    assertGroupId(group.groupId)
    this.#groups.offsets.assertMayCommit(group, offsets, false)
    if (this.#flush === 'commit') await this.sync()
    this.#groups.offsets.commit(group, offsets)
    if (this.#flush === 'commit') await this.#logs.sync([this.#groups.log.partition])
  }

  /**
   * One entry per partition asked for (null: all that the group has committed). With `member` it is checked that it is one,
   * in groups of the consumer group protocol.
   * @throws UNSTABLE_OFFSET_COMMIT under `requireStable` while an open transaction holds newer offsets: retry;
   *   UNKNOWN_MEMBER_ID, STALE_MEMBER_EPOCH
   */
  fetchOffsets(
    groupId: string,
    partitions: readonly TopicPartition[] | null,
    options: { readonly requireStable?: boolean; readonly member?: Omit<GroupMetadata, 'groupId'> } = {},
  ): CommittedOffset[] {
    this.#assertOpen()
    return this.#groups.offsets.fetch({ ...options.member, groupId }, partitions, options.requireStable ?? false)
  }

  /** Settles when all that was appended before the call, or so much of it as is in `partitions`, survives a loss of power. */
  async sync(partitions?: readonly TopicPartition[]): Promise<void> {
    this.#assertOpen()
    const logs = partitions?.map((partition) => this.#logs.get(partition)) ?? this.#logs.partitions()
    await this.#logs.sync(new Set([this.#registry.partition, ...logs]))
  }

  /**
   * Does now what is done now and then: retention, compaction where it is due, expiry of producers, of transactional ids and
   * of committed offsets.
   * Settles when done.
   */
  maintain(): Promise<void> {
    this.#assertOpen()
    this.#groups.expireOffsets()
    this.#transactions.expireIds()
    return this.#maintenance.run()
  }

  /** Syncs, writes snapshots and indexes, releases the directory. Waiting readers get false. Repeating it is harmless. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    this.#isOpen = false
    this.#flushTimer?.cancel()
    this.#purgatory.close()
    try {
      this.#groups.close()
      await this.#transactions.close()
      await this.#maintenance.close()
      await this.#logs.close()
    } finally {
      this.#directory.release()
    }
  }

  /** Lets go of everything without writing. */
  #abandon(): void {
    this.#isOpen = false
    this.#flushTimer?.cancel()
    this.#groups.close()
    void this.#transactions.close()
    void this.#maintenance.close()
    this.#logs.abandon()
  }

  #makeTopic(newTopic: NewTopic): TopicDescription {
    const topic = this.#registry.plan(newTopic)
    this.#establish(topic, 0)
    return topic
  }

  /** Makes the folders of a topic's partitions from a number on, then puts the topic on record: both or neither. */
  #establish(topic: TopicDescription, from: number): void {
    try {
      this.#logs.openTopic(topic)
      this.#registry.put(topic)
    } catch (error) {
      this.#logs.removeTopic(topic, from)
      throw error
    }
  }

  async #syncForCommit(partitions: readonly PartitionLog[]): Promise<void> {
    if (this.#flush === 'commit') await this.#logs.sync([this.#registry.partition, ...partitions])
  }

  #writeMarker(partition: PartitionLog, outcome: 'commit' | 'abort', producer: ProducerIdentity): void {
    if (partition === this.#groups.log.partition) this.#groups.log.appendMarker(outcome, producer)
    else {
      const { producerId, producerEpoch } = producer
      const options = { producerId, producerEpoch, coordinatorEpoch: 0, timestamp: this.#time.now() }
      partition.appendAsCoordinator(encodeControlBatch(outcome, options))
    }
  }

  #armFlushTimer(intervalMs: number): void {
    this.#flushTimer = this.#time.setTimer(intervalMs, () => {
      if (!this.#isOpen) return
      // A failure stops its partition, which is how it becomes known.
      this.sync().catch(() => {})
      this.#armFlushTimer(intervalMs)
    })
  }

  #assertOpen(): void {
    if (this.#isOpen) return
    throw new EngineError('LOG_ENGINE_CLOSED', `The log engine on ${this.#directory.path} is closed. Open it again.`)
  }
}

function endFor(log: PartitionLog, isolation: IsolationLevel = 'read_uncommitted'): number {
  return isolation === 'read_committed' ? log.lastStableOffset : log.endOffset
}

function abortedTransactions(log: PartitionLog, offset: number, batches: Uint8Array): readonly AbortedTransaction[] {
  let end = offset
  const reader = new RecordBatchReader(batches)
  while (reader.nextBatch()) end = reader.lastOffset + 1
  if (end === offset) return []
  return log.abortedTransactions(offset, end).map(({ producerId, firstOffset }) => ({ producerId, firstOffset }))
}

function assertGroupId(groupId: string): void {
  if (groupId === '') throw new EngineError('INVALID_GROUP_ID', 'A group id must not be empty.')
}

function reserved(topic: string): EngineError {
  return new EngineError(
    'INVALID_TOPIC_EXCEPTION',
    `Topic '${topic}' belongs to the log engine: only it may change it.`,
  )
}

function describeTransaction(transaction: TransactionMetadata): TransactionDescription {
  const { transactionalId, producerId, producerEpoch, status, timeoutMs, startTimestamp, partitions } = transaction
  const isOpen = status === 'ongoing' || status === 'prepare-commit' || status === 'prepare-abort'
  return {
    transactionalId,
    producerId,
    producerEpoch,
    status,
    timeoutMs,
    startTimestamp: isOpen ? startTimestamp : -1,
    partitions: [...partitions.values()],
  }
}
