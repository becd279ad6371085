import type { FileSystem } from './file-system.ts'
import type { Time } from './time.ts'
import type { TopicPartition } from './topic-partition.ts'

/**
 * When the engine asks the disk to make writes durable. Whatever the setting, what is acknowledged survives the death
 * of the process; the setting says what survives a loss of power:
 *
 * - `os`: nothing is promised; the operating system writes when it sees fit.
 * - `interval`: all but the last `flushIntervalMs`.
 * - `commit`: every committed transaction and every committed offset with all that was appended before it. The data
 *   partitions are synced before the record that commits them.
 */
export type FlushPolicy = 'os' | 'interval' | 'commit'

/** Options of `LogEngine.open`. */
export interface LogEngineOptions {
  /** The data directory; created when missing. With `memoryFileSystem()` any name. */
  readonly dir: string
  /** Default `commit`. */
  readonly flush?: FlushPolicy
  /** Default 1000; used by `interval`. */
  readonly flushIntervalMs?: number
  /** Default `nodeFileSystem`. */
  readonly fileSystem?: FileSystem
  /** Default `systemTime`. */
  readonly time?: Time
  /** Hears one-line remarks such as what a recovery has cut. Default: silence. */
  readonly onWarning?: (message: string) => void
}

/** `read_committed` ends at the last stable offset, `read_uncommitted` at the high watermark. */
export type IsolationLevel = 'read_uncommitted' | 'read_committed'

/** A topic to be created. */
export interface NewTopic {
  readonly name: string
  readonly partitions: number
  /** Kafka's topic configs by dotted name (`cleanup.policy`, `retention.ms`); values as text. */
  readonly configs?: Readonly<Record<string, string>>
}

/** A topic as it is. */
export interface TopicDescription {
  readonly name: string
  /** A UUID in Kafka's form: 22 characters of URL-safe base64. A topic that is deleted and made again has another. */
  readonly topicId: string
  readonly partitions: number
  /** The configs that were set; all others have Kafka's defaults. */
  readonly configs: Readonly<Record<string, string>>
  /** `__consumer_offsets` and `__transaction_state`. */
  readonly isInternal: boolean
}

/** Options of `append`. */
export interface AppendOptions {
  /**
   * The producer's transactional id: the partition joins the running transaction by itself, beginning one when needed
   * (Kafka's transaction version 2). Without it the partition must have been given to `addPartitionsToTxn`.
   */
  readonly transactionalId?: string
}

/** What an append has done. */
export interface AppendResult {
  /** Offset of the first record. */
  readonly baseOffset: number
  /** Offset of the last record. */
  readonly lastOffset: number
  /** Unix ms under `message.timestamp.type=LogAppendTime`, else -1. */
  readonly logAppendTime: number
  readonly logStartOffset: number
  /** The batch was there already (an idempotent producer's retry); the offsets are those of the first time. */
  readonly isDuplicate: boolean
}

/** Options of `fetch`. */
export interface FetchOptions {
  /** At least one whole batch is returned however small this is. Default 1 MiB. */
  readonly maxBytes?: number
  /** Default `read_uncommitted`. */
  readonly isolation?: IsolationLevel
  /** Checks the CRC of every batch returned. Default true; a broker whose clients check sets false. */
  readonly checkCrcs?: boolean
}

/** Records to be dropped by a `read_committed` reader: those of the producer from `firstOffset` to its abort marker. */
export interface AbortedTransaction {
  readonly producerId: bigint
  readonly firstOffset: number
}

/** What a fetch has found. */
export interface FetchResult {
  /**
   * Whole record batches, back to back; empty at the end of the partition. The first may begin before the offset asked
   * for, and control batches are included: the reader skips both.
   */
  readonly batches: Uint8Array
  readonly highWatermark: number
  readonly lastStableOffset: number
  readonly logStartOffset: number
  /** Ordered by first offset; null under `read_uncommitted`. */
  readonly abortedTransactions: readonly AbortedTransaction[] | null
}

/** A place in a partition from which a reader waits for data. */
export interface FetchPosition extends TopicPartition {
  readonly offset: number
}

/** Which offset `listOffset` looks for; a timestamp (Unix ms) asks for the first record at or after it. */
export type OffsetSpec = 'earliest' | 'latest' | 'max-timestamp' | { readonly timestamp: number }

/** An offset found by `listOffset`. */
export interface ListedOffset {
  /** -1 when no record is late enough. */
  readonly offset: number
  /** Of the record at `offset`; -1 for `earliest` and `latest`. */
  readonly timestamp: number
  readonly leaderEpoch: number
}

/** Who produces: idempotence and fencing compare both. */
export interface ProducerIdentity {
  readonly producerId: bigint
  readonly producerEpoch: number
}

/** A producer of transactions. */
export interface TransactionalProducer extends ProducerIdentity {
  readonly transactionalId: string
}

/** Options of `initProducerId`. */
export interface InitProducerIdRequest {
  /** null or absent: an idempotent producer without transactions; every call returns a new id. */
  readonly transactionalId?: string | null
  /** After so long an open transaction is aborted. Default 60 000, at most 900 000. */
  readonly transactionTimeoutMs?: number
  /** The identity that the caller holds and wants bumped; refused when another producer has taken over. */
  readonly current?: ProducerIdentity
}

/** Who commits offsets: the group and, for a member of it, its membership. */
export interface GroupMetadata {
  readonly groupId: string
  /** -1 or absent: not a member. */
  readonly generationId?: number
  readonly memberId?: string
  readonly groupInstanceId?: string
}

/** A position to be committed. */
export interface OffsetToCommit extends TopicPartition {
  /** The next record to read. */
  readonly offset: number
  readonly leaderEpoch?: number
  readonly metadata?: string
}

/** A committed position. */
export interface CommittedOffset extends TopicPartition {
  /** The next record to read; -1 when nothing was committed. */
  readonly offset: number
  /** -1 when unknown. */
  readonly leaderEpoch: number
  readonly metadata: string
}

/**
 * The log in process: topics, record batches by offset, producers, transactions and committed offsets.
 *
 * Calls that only touch memory and hand bytes to the operating system are synchronous; those that may wait for the
 * disk or for time return promises. One engine owns its directory; every call is safe from any turn of one thread.
 * Every error is an `EngineError`.
 */
export interface LogEngine {
  /** @throws TOPIC_ALREADY_EXISTS, INVALID_TOPIC_EXCEPTION, INVALID_PARTITIONS, INVALID_CONFIG */
  createTopic(topic: NewTopic): TopicDescription
  /** Removes the topic with its data and its committed offsets. @throws UNKNOWN_TOPIC_OR_PARTITION */
  deleteTopic(name: string): void
  /** undefined when there is no such topic. */
  describeTopic(name: string): TopicDescription | undefined
  /** All topics, internal ones included, by name. */
  listTopics(): TopicDescription[]

  /**
   * Appends one or more encoded record batches, all or none. Takes over `batches`: base offset and leader epoch are
   * written into their headers. On return the bytes are with the operating system.
   * @throws CORRUPT_MESSAGE, MESSAGE_TOO_LARGE, INVALID_RECORD, OUT_OF_ORDER_SEQUENCE_NUMBER, INVALID_PRODUCER_EPOCH,
   *   INVALID_TXN_STATE, UNKNOWN_TOPIC_OR_PARTITION, LOG_DISK_FULL, KAFKA_STORAGE_ERROR
   */
  append(topicPartition: TopicPartition, batches: Uint8Array, options?: AppendOptions): AppendResult
  /** @throws OFFSET_OUT_OF_RANGE, UNKNOWN_TOPIC_OR_PARTITION, CORRUPT_MESSAGE, KAFKA_STORAGE_ERROR */
  fetch(topicPartition: TopicPartition, offset: number, options?: FetchOptions): FetchResult
  /**
   * Settles as soon as one of the partitions has records at or after its position: true, at once when it has already;
   * or false after `timeoutMs`, or when `signal` aborts, or the engine closes.
   */
  waitForData(
    positions: readonly FetchPosition[],
    timeoutMs: number,
    options?: { readonly isolation?: IsolationLevel; readonly signal?: AbortSignal },
  ): Promise<boolean>
  /** `latest` is the high watermark, or under `read_committed` the last stable offset. */
  listOffset(topicPartition: TopicPartition, spec: OffsetSpec, isolation?: IsolationLevel): ListedOffset
  /** Moves the log start offset up to `beforeOffset` (-1: the high watermark); returns the log start offset. */
  deleteRecords(topicPartition: TopicPartition, beforeOffset: number): number

  /**
   * A new producer id, or for a known transactional id the next epoch: older producers of that id are fenced, and a
   * transaction which one of them left open is aborted first.
   * @throws PRODUCER_FENCED, INVALID_TRANSACTION_TIMEOUT, CONCURRENT_TRANSACTIONS
   */
  initProducerId(request?: InitProducerIdRequest): Promise<ProducerIdentity>
  /** @throws PRODUCER_FENCED, INVALID_PRODUCER_ID_MAPPING, CONCURRENT_TRANSACTIONS, UNKNOWN_TOPIC_OR_PARTITION */
  addPartitionsToTxn(producer: TransactionalProducer, partitions: readonly TopicPartition[]): void
  /** Announces that offsets of the group will be committed in the transaction. */
  addOffsetsToTxn(producer: TransactionalProducer, groupId: string): void
  /** Writes offsets that count once the transaction commits. Needs `addOffsetsToTxn`. */
  txnOffsetCommit(producer: TransactionalProducer, group: GroupMetadata, offsets: readonly OffsetToCommit[]): void
  /**
   * Ends the transaction; settles when it is as durable as the flush policy says and its markers are written.
   * Repeating the same outcome is harmless.
   * @throws PRODUCER_FENCED, INVALID_TXN_STATE, CONCURRENT_TRANSACTIONS
   */
  endTxn(producer: TransactionalProducer, outcome: 'commit' | 'abort'): Promise<void>
  /** `addOffsetsToTxn`, `txnOffsetCommit` and `endTxn('commit')` in one. Without an open transaction and offsets: nothing. */
  commitTransaction(
    producer: TransactionalProducer,
    group: GroupMetadata,
    offsets: readonly OffsetToCommit[],
  ): Promise<void>

  /** Commits offsets outside transactions; settles when they are as durable as the flush policy says. */
  commitOffsets(group: GroupMetadata, offsets: readonly OffsetToCommit[]): Promise<void>
  /**
   * One entry per partition asked for (null: all that the group has committed).
   * @throws UNSTABLE_OFFSET_COMMIT under `requireStable` while an open transaction holds newer offsets: retry
   */
  fetchOffsets(
    groupId: string,
    partitions: readonly TopicPartition[] | null,
    options?: { readonly requireStable?: boolean },
  ): CommittedOffset[]

  /** Settles when all that was appended before the call, or so much of it as is in `partitions`, survives a loss of power. */
  sync(partitions?: readonly TopicPartition[]): Promise<void>
  /** Syncs, writes snapshots and indexes, releases the directory. Waiting readers get false. Repeating it is harmless. */
  close(): Promise<void>
}
