import type { CompressionType } from './compression.ts'
import { RecordBatchBuilder } from './record-batch-builder.ts'
import type { RecordBatchReader } from './record-batch-reader.ts'

/** The batch on which the reader stands with its records compressed otherwise; all else is kept. */
export function recompressBatch(batch: RecordBatchReader, compression: CompressionType): Uint8Array {
  const baseTimestamp = batch.baseTimestamp
  const builder = new RecordBatchBuilder({ initialBytes: batch.sizeInBytes * 2, baseTimestamp })
  const baseOffset = batch.baseOffset
  batch.rewindRecords()
  while (batch.nextRecord()) {
    const headers = batch.hasHeaders ? batch.headers : null
    builder.appendAt(batch.offset - baseOffset, batch.timestamp, batch.key, batch.value, headers)
  }
  return builder.build({
    baseOffset,
    leaderEpoch: batch.leaderEpoch,
    compression,
    producerId: batch.producerId,
    producerEpoch: batch.producerEpoch,
    baseSequence: batch.baseSequence,
    isTransactional: batch.isTransactional,
    lastOffsetDelta: batch.lastOffsetDelta,
    maxTimestamp: batch.maxTimestamp,
  })
}
