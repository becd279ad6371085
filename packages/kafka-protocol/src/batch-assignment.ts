import {
  attributesAt,
  batchLengthAt,
  batchPrefixBytes,
  crcAt,
  leaderEpochAt,
  logAppendTimeBit,
  maxTimestampAt,
  writeInt64,
} from './batch-header.ts'
import { crc32c } from './crc32c.ts'

/** Writes what the log decides into the batch at `position`. Both fields lie outside the CRC. */
export function assignOffset(batches: Uint8Array, position: number, baseOffset: number, leaderEpoch: number): void {
  const view = new DataView(batches.buffer, batches.byteOffset, batches.byteLength)
  writeInt64(view, position, baseOffset)
  view.setInt32(position + leaderEpochAt, leaderEpoch)
}

/** Gives all records of the batch at `position` one timestamp, the base timestamp staying the producer's; renews the CRC. */
export function assignLogAppendTime(batches: Uint8Array, position: number, timestamp: number): void {
  const view = new DataView(batches.buffer, batches.byteOffset, batches.byteLength)
  const end = position + batchPrefixBytes + view.getInt32(position + batchLengthAt)
  view.setInt16(position + attributesAt, view.getInt16(position + attributesAt) | logAppendTimeBit)
  writeInt64(view, position + maxTimestampAt, timestamp)
  view.setUint32(position + crcAt, crc32c(batches, position + attributesAt, end))
}
