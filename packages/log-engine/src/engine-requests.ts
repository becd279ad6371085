import type { GroupConfig } from './coordinator/group/group-config.ts'
import type { TransactionConfig } from './coordinator/transaction/transaction-config.ts'
import type { TransactionStatus } from './coordinator/transaction/transaction-metadata.ts'
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
  /** How groups are run. What is not set has its default. */
  readonly groups?: Partial<GroupConfig>
  /** How transactions are run. What is not set has its default. */
  readonly transactions?: Partial<TransactionConfig>
  /** A partition notes how far it is each time so much was appended, which bounds what an open after a crash reads. Default 16 MiB. */
  readonly checkpointBytes?: number
  /** Default `nodeFileSystem`. */
  readonly fileSystem?: FileSystem
  /** Default `systemTime`. */
  readonly time?: Time
  /** Hears one-line remarks such as what a recovery has cut. Default: silence. */
  readonly onWarning?: (message: string) => void
  /** Hears while the engine opens how many of its partitions are open, which after a crash takes a while. Default: silence. */
  readonly onProgress?: (opened: number, partitions: number) => void
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

/** A config of a topic as it is in force. */
export interface TopicConfig {
  /** Dotted. */
  readonly name: string
  readonly value: string
  /** Not set for this topic: the value is Kafka's default. */
  readonly isDefault: boolean
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
  /** Where batches are read to: at least so many bytes, which the engine keeps no hold of. Default: new memory. */
  readonly allocate?: (length: number) => Uint8Array
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

/** What became of a leader epoch: a reader that is further in it has read records which are gone. */
export interface EpochEndOffset {
  /** The largest epoch at or below the one asked for; -1 when there is none. */
  readonly leaderEpoch: number
  /** The offset after its last record; -1 when there is none. */
  readonly endOffset: number
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

/** A transactional id as its coordinator knows it. */
export interface TransactionDescription extends TransactionalProducer {
  readonly status: TransactionStatus
  readonly timeoutMs: number
  /** Unix ms; of the transaction that is open, -1 when none is. */
  readonly startTimestamp: number
  /** Of the transaction that is open. */
  readonly partitions: readonly TopicPartition[]
}

/** A producer id that has written to a partition lately. */
export interface ProducerDescription extends ProducerIdentity {
  /** -1 when nothing is known of the epoch but its marker. */
  readonly lastSequence: number
  /** Unix ms. */
  readonly lastTimestamp: number
  readonly coordinatorEpoch: number
  /** Where its open transaction begins in the partition; -1 when it has none there. */
  readonly transactionStartOffset: number
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
  readonly groupInstanceId?: string | null
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
