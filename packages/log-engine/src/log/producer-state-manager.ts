import { type ControlRecordType, type RecordBatchReader, readControlRecord } from '@millrace/kafka-protocol'
import { EngineError } from '../engine-error.ts'
import { nextSequence, type ProducerBatch, type ProducerEntry, retainedBatches } from './producer-entry.ts'
import type { AbortedTransactionEntry } from './transaction-index.ts'

/**
 * What one partition knows of its producers: the last batches, by which duplicates are told and gaps refused, and where
 * open transactions begin, which is the last stable offset. Rebuilt by showing it all batches in order.
 * @see org.apache.kafka.storage.internals.log.ProducerStateManager
 */
export class ProducerStateManager {
  readonly #partition: string
  readonly #entries = new Map<bigint, ProducerEntry>()
  /** First offsets of open transactions by producer id; rises in insertion order. */
  readonly #open = new Map<bigint, number>()

  /** `partition` names it in errors. */
  constructor(partition: string) {
    this.#partition = partition
  }

  /** Where the oldest open transaction begins; undefined when none is open. */
  get firstUnstableOffset(): number | undefined {
    for (const offset of this.#open.values()) return offset
    return undefined
  }

  /** The producers with an open transaction. */
  get openProducerIds(): readonly bigint[] {
    return [...this.#open.keys()]
  }

  entries(): Iterable<ProducerEntry> {
    return this.#entries.values()
  }

  entry(producerId: bigint): ProducerEntry | undefined {
    return this.#entries.get(producerId)
  }

  /** Takes an entry from a snapshot; those with open transactions in the order of their first offsets. */
  load(entry: ProducerEntry): void {
    this.#entries.set(entry.producerId, entry)
    if (entry.transactionFirstOffset !== undefined) this.#open.set(entry.producerId, entry.transactionFirstOffset)
  }

  /** Forgets everything. */
  clear(): void {
    this.#entries.clear()
    this.#open.clear()
  }

  /**
   * Checks epoch and sequence of a batch that a client wants to append. `pending` is what the same append has put before
   * it. Returns the batch of the first time when it is a retry.
   * @throws INVALID_PRODUCER_EPOCH, OUT_OF_ORDER_SEQUENCE_NUMBER, INVALID_TXN_STATE, DUPLICATE_SEQUENCE_NUMBER
   */
  check(batch: RecordBatchReader, pending: ProducerEntry | undefined): ProducerBatch | undefined {
    const entry = pending ?? this.#entries.get(batch.producerId)
    if (entry === undefined) return undefined
    if (batch.producerEpoch < entry.producerEpoch) {
      throw this.#refuse(
        'INVALID_PRODUCER_EPOCH',
        batch,
        `has epoch ${batch.producerEpoch}, but the partition has seen ${entry.producerEpoch}: another producer has taken over. Close this one`,
      )
    }
    if (entry.transactionFirstOffset !== undefined && !batch.isTransactional) {
      throw this.#refuse(
        'INVALID_TXN_STATE',
        batch,
        'sends records outside the transaction that it has open. End it first',
      )
    }
    if (batch.producerEpoch > entry.producerEpoch) {
      if (batch.baseSequence === 0) return undefined
      throw this.#outOfOrder(batch, `begins epoch ${batch.producerEpoch} with sequence ${batch.baseSequence}`, 0)
    }
    const { baseSequence, lastSequence } = batch
    const known = entry.batches.find((old) => old.baseSequence === baseSequence && old.lastSequence === lastSequence)
    if (known !== undefined) return known
    const last = entry.batches.at(-1)
    const expected = last === undefined ? 0 : nextSequence(last.lastSequence)
    if (baseSequence === expected) return undefined
    if (last !== undefined && lastSequence < entry.batches[0]!.baseSequence) {
      throw this.#refuse(
        'DUPLICATE_SEQUENCE_NUMBER',
        batch,
        `repeats sequence ${baseSequence}, which is older than the last five batches`,
      )
    }
    throw this.#outOfOrder(batch, `sends sequence ${baseSequence}`, expected)
  }

  /**
   * Takes note of a batch that is in the log, marker or data; moves the reader to the record of a marker. Returns the entry
   * for the transaction index when it is the marker of an aborted transaction.
   */
  apply(batch: RecordBatchReader): AbortedTransactionEntry | undefined {
    if (!batch.hasProducerId) return undefined
    if (!batch.isControl) {
      this.#put(this.after(batch, this.#entries.get(batch.producerId)))
      return undefined
    }
    const marker = readControlRecord(batch)
    return marker === undefined ? undefined : this.#end(batch, marker.type, marker.coordinatorEpoch)
  }

  /** What a data batch makes of its producer's entry. */
  after(
    batch: RecordBatchReader,
    before: ProducerEntry | undefined,
    baseOffset: number = batch.baseOffset,
  ): ProducerEntry {
    const isSameEpoch = before?.producerEpoch === batch.producerEpoch
    const batches = isSameEpoch ? before.batches : []
    const { baseSequence, lastSequence, maxTimestamp } = batch
    const lastOffset = baseOffset + batch.lastOffsetDelta
    const added = { baseSequence, lastSequence, baseOffset, lastOffset, timestamp: maxTimestamp }
    return {
      producerId: batch.producerId,
      producerEpoch: batch.producerEpoch,
      batches: baseSequence < 0 ? batches : [...batches.slice(1 - retainedBatches), added],
      lastTimestamp: maxTimestamp,
      coordinatorEpoch: before?.coordinatorEpoch ?? -1,
      transactionFirstOffset: before?.transactionFirstOffset ?? (batch.isTransactional ? baseOffset : undefined),
    }
  }

  /** Forgets producers not heard of since `before` (Unix ms), unless they have a transaction open. */
  expire(before: number): void {
    for (const [producerId, entry] of this.#entries) {
      if (entry.lastTimestamp < before && entry.transactionFirstOffset === undefined) this.#entries.delete(producerId)
    }
  }

  #end(
    batch: RecordBatchReader,
    type: ControlRecordType,
    coordinatorEpoch: number,
  ): AbortedTransactionEntry | undefined {
    const { producerId, producerEpoch, lastOffset } = batch
    const before = this.#entries.get(producerId)
    const firstOffset = this.#open.get(producerId)
    this.#open.delete(producerId)
    this.#entries.set(producerId, {
      producerId,
      producerEpoch,
      batches: before?.producerEpoch === producerEpoch ? before.batches : [],
      lastTimestamp: batch.maxTimestamp,
      coordinatorEpoch,
      transactionFirstOffset: undefined,
    })
    if (type === 'commit' || firstOffset === undefined) return undefined
    return { producerId, firstOffset, lastOffset, lastStableOffset: this.firstUnstableOffset ?? lastOffset + 1 }
  }

  #put(entry: ProducerEntry): void {
    this.#entries.set(entry.producerId, entry)
    if (entry.transactionFirstOffset !== undefined && !this.#open.has(entry.producerId)) {
      this.#open.set(entry.producerId, entry.transactionFirstOffset)
    }
  }

  #outOfOrder(batch: RecordBatchReader, what: string, expected: number): EngineError {
    return this.#refuse(
      'OUT_OF_ORDER_SEQUENCE_NUMBER',
      batch,
      `${what}, but ${expected} is next: records were lost or reordered. Abort the transaction, or start a new producer`,
    )
  }

  #refuse(code: EngineError['code'], batch: RecordBatchReader, what: string): EngineError {
    return new EngineError(code, `Partition ${this.#partition}: producer ${batch.producerId} ${what}.`)
  }
}
