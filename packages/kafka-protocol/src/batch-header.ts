// The header of a record batch, version 2. All numbers are big-endian.
//
//   position  field                 type
//   0         base offset           int64   written by the log, outside the CRC
//   8         batch length          int32   bytes after this field
//   12        partition leader epoch int32  written by the log, outside the CRC
//   16        magic                 int8    2
//   17        crc                   uint32  CRC-32C of everything from `attributes` on
//   21        attributes            int16   bits 0-2 codec, 3 log append time, 4 transactional, 5 control, 6 delete horizon
//   23        last offset delta     int32
//   27        base timestamp        int64   or, with bit 6, the delete horizon
//   35        max timestamp         int64
//   43        producer id           int64   -1 when none
//   51        producer epoch        int16   -1 when none
//   53        base sequence         int32   -1 when none
//   57        record count          int32
//   61        records               compressed as one block when a codec is set

export const batchLengthAt = 8
export const leaderEpochAt = 12
export const magicAt = 16
export const crcAt = 17
export const attributesAt = 21
export const lastOffsetDeltaAt = 23
export const baseTimestampAt = 27
export const maxTimestampAt = 35
export const producerIdAt = 43
export const producerEpochAt = 51
export const baseSequenceAt = 53
export const recordCountAt = 57

/** Bytes before the records. */
export const batchHeaderBytes = 61
/** Bytes before what `batch length` counts. */
export const batchPrefixBytes = 12

export const codecMask = 0x07
export const logAppendTimeBit = 0x08
export const transactionalBit = 0x10
export const controlBit = 0x20
export const deleteHorizonBit = 0x40

/** A big-endian int64 as a number; inexact outside the safe integers. */
export function readInt64(view: DataView, at: number): number {
  return view.getInt32(at) * 0x100000000 + view.getUint32(at + 4)
}

/** Writes a safe integer as a big-endian int64. */
export function writeInt64(view: DataView, at: number, value: number): void {
  view.setInt32(at, Math.floor(value / 0x100000000))
  view.setUint32(at + 4, value >>> 0)
}
