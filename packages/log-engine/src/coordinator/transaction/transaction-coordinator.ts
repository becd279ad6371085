// TransactionCoordinator: which producer may write in which transaction, and how transactions end.
//
// Owns:      the state of every transactional id until it expires, fencing by epoch, time-outs, the markers.
// Does not:  check sequences (ProducerStateManager), hold offsets (OffsetMetadataManager), know the wire.
// In:        initProducerId, addPartitions, end; verify for each transactional batch; the timers of time-outs and expiry.
// Out:       records in `__transaction_state`; markers in the partitions of a transaction.
//
// Invariants
//   X1. A transaction is committed when its prepare-commit record is in the log; what follows is only telling the partitions.
//   X2. Under `flush: 'commit'` the partitions of a transaction are durable before its prepare-commit record is written, and
//       that record before any marker, so that no reader sees what a loss of power could take back.
//   X3. While an end is under way no other change of that transactional id is accepted.
//   X4. A producer whose epoch is not the latest is refused everywhere; but the request that has ended a transaction and
//       raised the epoch with it (transaction version 2) may be repeated until the next transaction begins.

import type { RecordBatchReader } from '@millrace/kafka-protocol'
import { EngineError } from '../../engine-error.ts'
import type { InitProducerIdRequest, ProducerIdentity, TransactionalProducer } from '../../engine-requests.ts'
import type { LogManager } from '../../log/log-manager.ts'
import type { PartitionLog } from '../../log/partition-log.ts'
import type { Time, Timer } from '../../time.ts'
import { partitionName, type TopicPartition } from '../../topic-partition.ts'
import { CoordinatorLog, type CoordinatorRecord } from '../coordinator-log.ts'
import { DecidedTransactions, preparedOutcome } from './decided-transactions.ts'
import type { TransactionConfig } from './transaction-config.ts'
import type { TransactionMetadata, TransactionOutcome } from './transaction-metadata.ts'
import {
  decodeTransaction,
  decodeTransactionKey,
  encodeTransaction,
  transactionTombstone,
} from './transaction-records.ts'

/** What the coordinator asks of the engine. */
export interface TransactionCoordinatorOptions {
  /** `__transaction_state-0`. */
  readonly partition: PartitionLog
  readonly logs: LogManager
  readonly time: Time
  readonly config: TransactionConfig
  readonly nextProducerId: () => Promise<bigint>
  /** Settles when the partitions are durable, whatever the flush policy. */
  readonly sync: (partitions: Iterable<PartitionLog>) => Promise<void>
  /** Settles when the partitions are as durable as a commit promises; at once unless the flush policy is `commit`. */
  readonly syncForCommit: (partitions: readonly PartitionLog[]) => Promise<void>
  /** Writes a marker, and shows it to whoever keeps state from that partition. */
  readonly writeMarker: (partition: PartitionLog, outcome: TransactionOutcome, producer: ProducerIdentity) => void
  readonly onWarning: (message: string) => void
}

const defaultTimeoutMs = 60_000
/** Above it a transactional id gets another producer id instead of the next epoch. */
const lastEpoch = 32_766
/** How soon an end that failed is tried again. */
const retryMs = 1000
/** Records in one batch when many ids expire. */
const tombstonesAtOnce = 1000

/** @see org.apache.kafka.coordinator.transaction.TransactionCoordinator */
export class TransactionCoordinator {
  readonly #options: TransactionCoordinatorOptions
  readonly #log: CoordinatorLog
  readonly #transactions = new Map<string, TransactionMetadata>()
  readonly #byProducerId = new Map<bigint, string>()
  /** Ends under way. */
  readonly #ending = new Map<string, Promise<void>>()
  /** While the log is loaded. */
  #decided: DecidedTransactions | undefined
  #timer: Timer | undefined
  /** Unix ms; that of `#timer`. */
  #nextDeadline = Number.POSITIVE_INFINITY
  #isClosed = false
  #expiryTimer: Timer | undefined

  constructor(options: TransactionCoordinatorOptions) {
    this.#options = options
    this.#log = new CoordinatorLog(options.partition, options.time, (batch) => this.#replay(batch))
  }

  /** Replays the log, completes what was decided and aborts what nobody will end. */
  async load(): Promise<void> {
    const decided = new DecidedTransactions(this.#options.logs.partitions())
    this.#decided = decided
    this.#log.load()
    this.#decided = undefined
    const concerned: PartitionLog[] = []
    const lost = new Map<string, number>()
    for (const partition of this.#options.logs.partitions()) {
      // A damaged partition takes no markers; its readers stop at the damage.
      if (partition.failure !== undefined) continue
      this.#noteLostEpochs(partition, decided, lost)
      let isConcerned = decided.partitions.has(partition.name)
      for (const producerId of partition.producers.openProducerIds) {
        isConcerned = this.#settle(partition, producerId, decided) || isConcerned
      }
      if (isConcerned) concerned.push(partition)
    }
    // Before this run writes its first record: what follows from the last run's records must not depend on them again.
    await this.#options.sync(concerned)
    for (const transaction of this.#transactions.values()) {
      if (preparedOutcome(transaction) !== undefined) this.#tryToComplete(transaction.transactionalId)
    }
    for (const [transactionalId, producerEpoch] of lost) this.#fenceLost(transactionalId, producerEpoch)
    this.#armTimer()
    this.#armExpiryTimer()
  }

  /** undefined for an id that is not known. */
  transaction(transactionalId: string): TransactionMetadata | undefined {
    return this.#transactions.get(transactionalId)
  }

  /** Of every transactional id. */
  transactions(): Iterable<TransactionMetadata> {
    return this.#transactions.values()
  }

  /** @throws PRODUCER_FENCED, INVALID_TRANSACTION_TIMEOUT, INVALID_REQUEST */
  async initProducerId(request: InitProducerIdRequest): Promise<ProducerIdentity> {
    const { transactionalId = null, transactionTimeoutMs = defaultTimeoutMs } = request
    if (transactionalId === null) return { producerId: await this.#options.nextProducerId(), producerEpoch: 0 }
    if (transactionalId === '') throw new EngineError('INVALID_REQUEST', 'A transactional id must not be empty.')
    const { maxTimeoutMs } = this.#options.config
    if (!(transactionTimeoutMs > 0 && transactionTimeoutMs <= maxTimeoutMs)) {
      throw new EngineError(
        'INVALID_TRANSACTION_TIMEOUT',
        `The transaction timeout of '${transactionalId}' is ${transactionTimeoutMs} ms, but must be 1 to ${maxTimeoutMs}.`,
      )
    }
    // An end under way is settled first: it was asked for before the new producer was.
    await this.#ending.get(transactionalId)?.catch(() => {})
    const before = this.#transactions.get(transactionalId)
    // Of an id that has expired nobody is the latest producer.
    if (request.current !== undefined && before !== undefined)
      this.#checkCurrent(transactionalId, request.current, before)
    if (before?.status === 'ongoing') await this.#abort(before)
    else if (before !== undefined && preparedOutcome(before) !== undefined) this.#complete(transactionalId)
    const identity = await this.#nextIdentity(transactionalId, transactionTimeoutMs)
    // An identity that a loss of power takes back would be given out again, and its records taken for repeats.
    await this.#options.sync([this.#log.partition])
    return identity
  }

  /** @throws PRODUCER_FENCED, INVALID_PRODUCER_ID_MAPPING, CONCURRENT_TRANSACTIONS, UNKNOWN_TOPIC_OR_PARTITION */
  addPartitions(producer: TransactionalProducer, partitions: readonly TopicPartition[]): void {
    const transaction = this.#checkProducer(producer)
    for (const partition of partitions) this.#options.logs.get(partition)
    this.#add(transaction, partitions)
  }

  /** Whether the producer's running transaction has the partition. */
  hasPartition(producer: TransactionalProducer, topicPartition: TopicPartition): boolean {
    const transaction = this.#checkProducer(producer)
    return transaction.status === 'ongoing' && transaction.partitions.has(partitionName(topicPartition))
  }

  /** Whether the producer has a transaction to end. */
  isOngoing(producer: TransactionalProducer): boolean {
    return this.#checkProducer(producer).status === 'ongoing'
  }

  /**
   * Checks a transactional batch before it is appended. With its transactional id the partition joins by itself.
   * @throws INVALID_PRODUCER_EPOCH, INVALID_TXN_STATE, INVALID_PRODUCER_ID_MAPPING, CONCURRENT_TRANSACTIONS
   */
  verifyBatch(batch: RecordBatchReader, topicPartition: TopicPartition, joinsAs: string | undefined): void {
    const transactionalId = this.#byProducerId.get(batch.producerId)
    const transaction = this.#transactions.get(transactionalId ?? '')
    const name = partitionName(topicPartition)
    if (transaction === undefined || (joinsAs !== undefined && joinsAs !== transactionalId)) {
      throw new EngineError(
        'INVALID_PRODUCER_ID_MAPPING',
        `Partition ${name}: no transactional id has producer id ${batch.producerId}. Call initProducerId first.`,
      )
    }
    if (batch.producerEpoch !== transaction.producerEpoch) {
      throw new EngineError(
        'INVALID_PRODUCER_EPOCH',
        `Partition ${name}: '${transactionalId}' is at epoch ${transaction.producerEpoch}, the batch at ${batch.producerEpoch}: another producer has taken over. Close this one.`,
      )
    }
    if (transaction.status === 'ongoing' && transaction.partitions.has(name) && !this.#ending.has(transactionalId!))
      return
    if (joinsAs === undefined) {
      throw new EngineError(
        'INVALID_TXN_STATE',
        `Partition ${name} is not in a running transaction of '${transactionalId}'. Call addPartitionsToTxn first.`,
      )
    }
    this.#assertSettled(transaction)
    this.#add(transaction, [topicPartition])
  }

  /**
   * Returns the identity with which the producer goes on: with `raisesEpoch` (Kafka's transaction version 2) its next epoch,
   * which makes sure that nothing that is still on its way can get into the next transaction; else the same. With
   * `raisesEpoch` a transaction that has not begun can be aborted too: the producer does not know whether it has.
   * @throws PRODUCER_FENCED, INVALID_PRODUCER_ID_MAPPING, INVALID_TXN_STATE, CONCURRENT_TRANSACTIONS
   */
  async end(
    producer: TransactionalProducer,
    outcome: TransactionOutcome,
    raisesEpoch: boolean,
  ): Promise<ProducerIdentity> {
    const { transactionalId } = producer
    const known = this.#transactions.get(transactionalId)
    const isRepeated = raisesEpoch && isSameProducer(known?.endedBy, producer)
    const transaction = isRepeated ? known! : this.#checkIdentity(producer)
    const { status } = transaction
    if (this.#ending.has(transactionalId)) throw concurrent(transactionalId)
    if (status === 'ongoing') await this.#end(transaction, outcome, raisesEpoch)
    else if (status === `prepare-${outcome}`) this.#complete(transactionalId)
    else if (raisesEpoch && !isRepeated && outcome === 'abort' && preparedOutcome(transaction) === undefined) {
      await this.#end(transaction, outcome, raisesEpoch)
    } else if (status !== `complete-${outcome}` || (raisesEpoch && !isRepeated)) {
      throw new EngineError(
        'INVALID_TXN_STATE',
        `'${transactionalId}' cannot ${outcome}: it has no transaction open (its state is ${status}).`,
      )
    }
    const { producerId, producerEpoch } = this.#transactions.get(transactionalId)!
    return { producerId, producerEpoch }
  }

  /**
   * Forgets the transactional ids without an open transaction that have not changed for their time. Their producers, should
   * there be any, have to ask for new ids.
   */
  expireIds(): void {
    const limit = this.#options.time.now() - this.#options.config.transactionalIdExpirationMs
    const expired: CoordinatorRecord[] = []
    for (const { transactionalId, status, lastUpdateTimestamp } of this.#transactions.values()) {
      const isIdle = status !== 'ongoing' && preparedOutcome({ status }) === undefined
      if (isIdle && lastUpdateTimestamp <= limit) expired.push(transactionTombstone(transactionalId))
    }
    for (let at = 0; at < expired.length; at += tombstonesAtOnce)
      this.#log.append(expired.slice(at, at + tombstonesAtOnce))
  }

  /** Stops time-outs and expiry; ends under way go on. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#expiryTimer?.cancel()
    this.#timer?.cancel()
    await Promise.allSettled(this.#ending.values())
  }

  #replay(batch: RecordBatchReader): void {
    while (batch.nextRecord()) {
      const transactionalId = batch.key && decodeTransactionKey(batch.key)
      if (!transactionalId) continue
      const before = this.#transactions.get(transactionalId)
      if (before !== undefined) this.#byProducerId.delete(before.producerId)
      const transaction = batch.value && decodeTransaction(transactionalId, batch.value)
      if (transaction) {
        this.#decided?.note(transaction, batch.leaderEpoch)
        this.#transactions.set(transactionalId, transaction)
        this.#byProducerId.set(transaction.producerId, transactionalId)
      } else {
        this.#transactions.delete(transactionalId)
      }
    }
  }

  #write(transaction: TransactionMetadata, change: Partial<TransactionMetadata>): TransactionMetadata {
    const lastUpdateTimestamp = this.#options.time.now()
    this.#log.append([encodeTransaction({ ...transaction, lastUpdateTimestamp, ...change })])
    return this.#transactions.get(transaction.transactionalId)!
  }

  #add(transaction: TransactionMetadata, partitions: readonly TopicPartition[]): void {
    const isRunning = transaction.status === 'ongoing'
    const joined = new Map(isRunning ? transaction.partitions : [])
    for (const partition of partitions) joined.set(partitionName(partition), partition)
    if (isRunning && joined.size === transaction.partitions.size) return
    const startTimestamp = isRunning ? transaction.startTimestamp : this.#options.time.now()
    const running = this.#write(transaction, { status: 'ongoing', partitions: joined, startTimestamp, endedBy: null })
    this.#armTimerFor(deadlineOf(running))
  }

  #end(transaction: TransactionMetadata, outcome: TransactionOutcome, raisesEpoch: boolean): Promise<void> {
    const { transactionalId } = transaction
    const ending = this.#runEnd(transaction, outcome, raisesEpoch).finally(() => this.#ending.delete(transactionalId))
    this.#ending.set(transactionalId, ending)
    return ending
  }

  /** The markers carry the raised epoch, so that the partitions refuse what comes late. */
  async #runEnd(transaction: TransactionMetadata, outcome: TransactionOutcome, raisesEpoch: boolean): Promise<void> {
    const { producerId, producerEpoch } = transaction
    if (outcome === 'commit') await this.#options.syncForCommit(this.#partitionsOf(transaction))
    const isExhausted = raisesEpoch && producerEpoch >= lastEpoch
    const raised = raisesEpoch && {
      producerEpoch: producerEpoch + 1,
      endedBy: { producerId, producerEpoch },
      nextProducerId: isExhausted ? await this.#options.nextProducerId() : null,
    }
    this.#write(transaction, { status: `prepare-${outcome}`, endOffsets: this.#endOffsets(transaction), ...raised })
    if (outcome === 'commit') await this.#options.syncForCommit([this.#log.partition])
    this.#complete(transaction.transactionalId)
  }

  /** Tells the partitions how the transaction ended. Those that know already are left alone, so it can be repeated. */
  #complete(transactionalId: string): void {
    const transaction = this.#transactions.get(transactionalId)!
    const outcome = preparedOutcome(transaction)!
    for (const partition of this.#partitionsOf(transaction)) {
      if (partition.producers.entry(transaction.producerId)?.transactionFirstOffset === undefined) continue
      this.#options.writeMarker(partition, outcome, transaction)
    }
    const { nextProducerId } = transaction
    this.#write(transaction, {
      status: `complete-${outcome}`,
      partitions: new Map(),
      endOffsets: new Map(),
      ...(nextProducerId !== null && { producerId: nextProducerId, producerEpoch: 0, nextProducerId: null }),
    })
  }

  /** What a damaged partition prevents is tried again when the producer asks. */
  #tryToComplete(transactionalId: string): void {
    try {
      this.#complete(transactionalId)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      this.#options.onWarning(`The last transaction of '${transactionalId}' cannot be completed yet: ${reason}`)
    }
  }

  /** Ends a transaction in the place of its producer, which is fenced by it. */
  #abort(transaction: TransactionMetadata): Promise<void> {
    const producerEpoch = Math.min(transaction.producerEpoch + 1, lastEpoch + 1)
    return this.#end(this.#write(transaction, { producerEpoch }), 'abort', false)
  }

  #endOffsets(transaction: TransactionMetadata): Map<string, number> {
    const endOffsets = new Map<string, number>()
    for (const { name, producers, endOffset } of this.#partitionsOf(transaction)) {
      if (producers.entry(transaction.producerId)?.transactionFirstOffset !== undefined) endOffsets.set(name, endOffset)
    }
    return endOffsets
  }

  #partitionsOf(transaction: TransactionMetadata): PartitionLog[] {
    const partitions: PartitionLog[] = []
    for (const topicPartition of transaction.partitions.values()) {
      const partition = this.#options.logs.find(topicPartition)
      if (partition !== undefined) partitions.push(partition)
    }
    return partitions
  }

  async #nextIdentity(transactionalId: string, timeoutMs: number): Promise<ProducerIdentity> {
    const before = this.#transactions.get(transactionalId)
    const isExhausted = before === undefined || before.producerEpoch >= lastEpoch
    const newId = isExhausted ? await this.#options.nextProducerId() : before.producerId
    const { producerId, producerEpoch } = this.#write(
      {
        transactionalId,
        producerId: newId,
        producerEpoch: isExhausted ? 0 : before.producerEpoch + 1,
        timeoutMs,
        status: 'empty',
        partitions: new Map(),
        endOffsets: new Map(),
        endedBy: null,
        nextProducerId: null,
        startTimestamp: -1,
        lastUpdateTimestamp: -1,
      },
      {},
    )
    return { producerId, producerEpoch }
  }

  #checkCurrent(transactionalId: string, current: ProducerIdentity, known: TransactionMetadata): void {
    if (known.producerId === current.producerId && known.producerEpoch === current.producerEpoch) return
    throw fenced(transactionalId, current, known)
  }

  #checkProducer(producer: TransactionalProducer): TransactionMetadata {
    const transaction = this.#checkIdentity(producer)
    this.#assertSettled(transaction)
    return transaction
  }

  #checkIdentity(producer: TransactionalProducer): TransactionMetadata {
    const transaction = this.#transactions.get(producer.transactionalId)
    if (transaction === undefined || transaction.producerId !== producer.producerId) {
      throw new EngineError(
        'INVALID_PRODUCER_ID_MAPPING',
        `'${producer.transactionalId}' does not have producer id ${producer.producerId}. Call initProducerId first.`,
      )
    }
    if (transaction.producerEpoch !== producer.producerEpoch)
      throw fenced(producer.transactionalId, producer, transaction)
    return transaction
  }

  #assertSettled({ transactionalId, status }: TransactionMetadata): void {
    if (this.#ending.has(transactionalId) || preparedOutcome({ status }) !== undefined)
      throw concurrent(transactionalId)
  }

  /**
   * Ends what a producer has open in a partition if it was decided, or if this coordinator does not know of it, which a loss
   * of power can bring about. Returns whether it did; what is going on is left to its producer.
   */
  #settle(partition: PartitionLog, producerId: bigint, decided: DecidedTransactions): boolean {
    const entry = partition.producers.entry(producerId)!
    const transaction = this.#transactions.get(this.#byProducerId.get(producerId) ?? '')
    const isKnown = transaction?.partitions.has(partition.name) ?? false
    const outcome = decided.find(producerId, partition.name)
    if (outcome === undefined && isKnown && transaction!.status === 'ongoing') return false
    // Records of Kafka do not say where partitions ended.
    const ofRecord = isKnown && transaction!.endOffsets.size === 0 ? preparedOutcome(transaction!) : undefined
    const producerEpoch = Math.max(entry.producerEpoch, transaction?.producerEpoch ?? -1)
    this.#options.writeMarker(partition, outcome ?? ofRecord ?? 'abort', { producerId, producerEpoch })
    return true
  }

  /**
   * A loss of power can take away what this coordinator knew of a transaction, or of an epoch, and leave records of it. Such
   * a producer must not go on as if nothing had happened: its transaction was aborted. Notes the greatest epoch that is known.
   */
  #noteLostEpochs(partition: PartitionLog, decided: DecidedTransactions, lost: Map<string, number>): void {
    for (const { producerId, producerEpoch, transactionFirstOffset } of partition.producers.entries()) {
      const transaction = this.#transactions.get(this.#byProducerId.get(producerId) ?? '')
      if (transaction === undefined) continue
      const isUnknown =
        transactionFirstOffset !== undefined &&
        !transaction.partitions.has(partition.name) &&
        decided.find(producerId, partition.name) === undefined
      if (!isUnknown && producerEpoch <= transaction.producerEpoch) continue
      const { transactionalId } = transaction
      const greatest = Math.max(producerEpoch, transaction.producerEpoch, lost.get(transactionalId) ?? -1)
      lost.set(transactionalId, greatest)
    }
  }

  #fenceLost(transactionalId: string, producerEpoch: number): void {
    const transaction = this.#transactions.get(transactionalId)
    if (transaction === undefined) return
    this.#write(transaction, { producerEpoch: Math.min(producerEpoch, lastEpoch) + 1, endedBy: null })
  }

  /** Sees to it that the time-outs are looked at when the first of them has come. */
  #armTimer(): void {
    let deadline = Number.POSITIVE_INFINITY
    for (const transaction of this.#transactions.values()) deadline = Math.min(deadline, deadlineOf(transaction))
    this.#armTimerFor(deadline)
  }

  #armTimerFor(deadline: number): void {
    if (deadline >= this.#nextDeadline || this.#isClosed) return
    const { time } = this.#options
    this.#timer?.cancel()
    this.#nextDeadline = deadline
    this.#timer = time.setTimer(Math.max(deadline - time.now(), retryMs), () => void this.#abortTimedOut())
  }

  #armExpiryTimer(): void {
    const { time, config, onWarning } = this.#options
    this.#expiryTimer = time.setTimer(config.transactionalIdCheckIntervalMs, () => {
      try {
        this.expireIds()
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error)
        onWarning(`Transactional ids that have expired cannot be removed yet: ${reason}`)
      }
      this.#armExpiryTimer()
    })
  }

  async #abortTimedOut(): Promise<void> {
    const now = this.#options.time.now()
    for (const transaction of [...this.#transactions.values()]) {
      const { transactionalId } = transaction
      if (now < deadlineOf(transaction) || this.#ending.has(transactionalId)) continue
      try {
        await this.#abort(transaction)
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error)
        this.#options.onWarning(
          `The transaction of '${transactionalId}' has timed out but cannot be aborted yet: ${reason}`,
        )
      }
    }
    this.#nextDeadline = Number.POSITIVE_INFINITY
    this.#armTimer()
  }
}

/** When a transaction times out, Unix ms; never while none is open. */
function deadlineOf({ status, startTimestamp, timeoutMs }: TransactionMetadata): number {
  return status === 'ongoing' ? startTimestamp + timeoutMs : Number.POSITIVE_INFINITY
}

function isSameProducer(a: ProducerIdentity | null | undefined, b: ProducerIdentity): boolean {
  return a?.producerId === b.producerId && a.producerEpoch === b.producerEpoch
}

function concurrent(transactionalId: string): EngineError {
  return new EngineError(
    'CONCURRENT_TRANSACTIONS',
    `The last transaction of '${transactionalId}' is still being ended. Try again when that has settled.`,
  )
}

function fenced(
  transactionalId: string,
  producer: ProducerIdentity,
  known: TransactionMetadata | undefined,
): EngineError {
  const latest = known === undefined ? 'none' : `${known.producerId} at epoch ${known.producerEpoch}`
  return new EngineError(
    'PRODUCER_FENCED',
    `Producer ${producer.producerId} at epoch ${producer.producerEpoch} of '${transactionalId}' is fenced; the latest is ${latest}. Close this producer.`,
  )
}
