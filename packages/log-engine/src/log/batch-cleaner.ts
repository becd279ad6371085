import { RecordBatchBuilder, type RecordBatchReader } from '@millrace/kafka-protocol'
import type { CleanedTransactions } from './cleaned-transactions.ts'
import type { OffsetMap } from './offset-map.ts'

/** What decides which records stay. */
export interface CleaningRules {
  readonly map: OffsetMap
  /** The map knows the records below; all others stay. */
  readonly mapEndOffset: number
  readonly transactions: CleanedTransactions
  /** The last data offset of each producer, whose batch stays, empty if need be, for its sequence number. */
  readonly lastOffsets: ReadonlyMap<bigint, number>
  /** Unix ms. */
  readonly now: number
  readonly deleteRetentionMs: number
}

/**
 * Cleans one batch after the other: of each key the last record stays, tombstones and markers until their delete horizon,
 * nothing of aborted transactions.
 * @see org.apache.kafka.storage.internals.log.Cleaner
 */
export class BatchCleaner {
  readonly #rules: CleaningRules
  #retained = new Uint8Array(1024)

  constructor(rules: CleaningRules) {
    this.#rules = rules
  }

  /** A copy of what is left of the batch, which may be all of it; undefined when nothing is. */
  clean(batch: RecordBatchReader): Uint8Array | undefined {
    const { transactions, lastOffsets } = this.#rules
    const horizon = batch.deleteHorizonMs
    let isMarkerOfNothing = false
    let isDiscarded = false
    if (batch.isControl) {
      isMarkerOfNothing = transactions.isMarkerOfNothing(batch)
      batch.rewindRecords()
      isDiscarded = isMarkerOfNothing && horizon !== undefined && horizon <= this.#rules.now
    } else {
      isDiscarded = transactions.isAborted(batch)
    }
    const { kept, tombstones } = isDiscarded ? { kept: 0, tombstones: 0 } : this.#mark(batch, horizon)
    const setsHorizon = horizon === undefined && (tombstones > 0 || isMarkerOfNothing)
    if (kept === batch.recordCount && !setsHorizon) return Buffer.from(batch.batchBytes)
    const isLastOfProducer = batch.hasProducerId && lastOffsets.get(batch.producerId) === batch.lastOffset
    if (kept === 0 && !isLastOfProducer) return undefined
    return kept === 0 ? emptyBatch(batch) : this.#rebuild(batch, setsHorizon)
  }

  /** Marks which records stay; counts them and the tombstones among them. */
  #mark(batch: RecordBatchReader, horizon: number | undefined): { readonly kept: number; readonly tombstones: number } {
    const keepsDeletes = horizon === undefined || this.#rules.now < horizon
    const count = batch.recordCount
    if (this.#retained.length < count) this.#retained = new Uint8Array(count)
    let kept = 0
    let tombstones = 0
    for (let number = 0; batch.nextRecord(); number++) {
      const isKept = batch.isControl || this.#isKept(batch, keepsDeletes)
      this.#retained[number] = isKept ? 1 : 0
      if (!isKept) continue
      kept++
      if (batch.valueLength < 0) tombstones++
    }
    return { kept, tombstones }
  }

  #isKept(batch: RecordBatchReader, keepsDeletes: boolean): boolean {
    if (batch.offset >= this.#rules.mapEndOffset) return true
    if (batch.keyLength < 0) return false
    const isLatest = batch.offset >= this.#rules.map.get(batch.block, batch.keyStart, batch.keyLength)
    return isLatest && (batch.valueLength >= 0 || keepsDeletes)
  }

  #rebuild(batch: RecordBatchReader, setsHorizon: boolean): Uint8Array {
    const baseTimestamp = setsHorizon ? this.#rules.now + this.#rules.deleteRetentionMs : batch.baseTimestamp
    const builder = new RecordBatchBuilder({ initialBytes: batch.sizeInBytes + 64, baseTimestamp })
    const { baseOffset, maxTimestamp, hasLogAppendTime } = batch
    batch.rewindRecords()
    for (let number = 0; batch.nextRecord(); number++) {
      if (this.#retained[number] === 0) continue
      builder.appendAt(
        batch.offset - baseOffset,
        batch.timestamp,
        batch.key,
        batch.value,
        batch.hasHeaders ? batch.headers : null,
      )
    }
    return builder.build({
      baseOffset,
      leaderEpoch: batch.leaderEpoch,
      compression: batch.compression ?? 'none',
      producerId: batch.producerId,
      producerEpoch: batch.producerEpoch,
      baseSequence: batch.baseSequence,
      isTransactional: batch.isTransactional,
      isControl: batch.isControl,
      hasDeleteHorizon: setsHorizon || batch.deleteHorizonMs !== undefined,
      lastOffsetDelta: batch.lastOffsetDelta,
      ...(hasLogAppendTime ? { logAppendTime: maxTimestamp } : {}),
    })
  }
}

/** The header alone, which still says how far the producer's sequence has come. */
function emptyBatch(batch: RecordBatchReader): Uint8Array {
  const builder = new RecordBatchBuilder({ initialBytes: 64, baseTimestamp: batch.baseTimestamp })
  return builder.build({
    baseOffset: batch.baseOffset,
    leaderEpoch: batch.leaderEpoch,
    producerId: batch.producerId,
    producerEpoch: batch.producerEpoch,
    baseSequence: batch.baseSequence,
    isTransactional: batch.isTransactional,
    lastOffsetDelta: batch.lastOffsetDelta,
    maxTimestamp: batch.maxTimestamp,
  })
}
