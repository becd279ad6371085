import { RecordBatchBuilder } from './record-batch-builder.ts'
import type { RecordBatchReader } from './record-batch-reader.ts'

/** How a transaction ended. */
export type ControlRecordType = 'abort' | 'commit'

/** What a control batch's marker says beside its outcome. */
export interface ControlBatchOptions {
  readonly producerId: bigint
  readonly producerEpoch: number
  readonly coordinatorEpoch: number
  /** Unix ms. */
  readonly timestamp: number
}

/**
 * A batch with one marker, which ends a producer's transaction in a partition and takes one offset.
 *
 *   key   | version int16 0 | type int16: 0 abort, 1 commit |
 *   value | version int16 0 | coordinator epoch int32 |
 *
 * @see org.apache.kafka.common.record.EndTransactionMarker
 */
export function encodeControlBatch(type: ControlRecordType, options: ControlBatchOptions): Uint8Array {
  const key = Buffer.alloc(4)
  key.writeInt16BE(type === 'commit' ? 1 : 0, 2)
  const value = Buffer.alloc(6)
  value.writeInt32BE(options.coordinatorEpoch, 2)
  const builder = new RecordBatchBuilder({ initialBytes: 128 })
  builder.append(options.timestamp, key, value)
  return builder.build({
    producerId: options.producerId,
    producerEpoch: options.producerEpoch,
    isTransactional: true,
    isControl: true,
  })
}

/**
 * The outcome that the control batch under the reader states; moves the reader to its record. undefined for other
 * control records (leader changes, snapshots), which readers skip.
 */
export function readControlRecord(
  reader: RecordBatchReader,
): { readonly type: ControlRecordType; readonly coordinatorEpoch: number } | undefined {
  if (!reader.nextRecord() || reader.keyLength < 4) return undefined
  const view = new DataView(reader.block.buffer, reader.block.byteOffset)
  const type = view.getInt16(reader.keyStart + 2)
  if (type !== 0 && type !== 1) return undefined
  const coordinatorEpoch = reader.valueLength < 6 ? -1 : view.getInt32(reader.valueStart + 2)
  return { type: type === 1 ? 'commit' : 'abort', coordinatorEpoch }
}
