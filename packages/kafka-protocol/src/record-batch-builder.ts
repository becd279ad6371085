import {
  attributesAt,
  baseSequenceAt,
  baseTimestampAt,
  batchHeaderBytes,
  batchLengthAt,
  batchPrefixBytes,
  controlBit,
  crcAt,
  deleteHorizonBit,
  lastOffsetDeltaAt,
  leaderEpochAt,
  logAppendTimeBit,
  magicAt,
  maxTimestampAt,
  producerEpochAt,
  producerIdAt,
  recordCountAt,
  transactionalBit,
  writeInt64,
} from './batch-header.ts'
import { type CompressionType, compressionCodec, compressionTypes } from './compression.ts'
import { crc32c } from './crc32c.ts'
import { sizeOfVarint, writeVarint } from './varint.ts'

/** One header of a record. Names may repeat; order is kept. */
export interface RecordHeader {
  readonly key: string
  readonly value: Uint8Array | null
}

/** What `build` writes into the header of the batch; everything has a default that means "none". */
export interface BatchAttributes {
  /** Default 0: the log assigns offsets. */
  readonly baseOffset?: number
  /** Default -1. */
  readonly leaderEpoch?: number
  readonly compression?: CompressionType
  /** Default -1. */
  readonly producerId?: bigint
  /** Default -1. */
  readonly producerEpoch?: number
  /** Default -1. */
  readonly baseSequence?: number
  readonly isTransactional?: boolean
  readonly isControl?: boolean
  /** Every record then has this timestamp. */
  readonly logAppendTime?: number
  /** Set by compaction: the builder's base timestamp is the delete horizon. */
  readonly hasDeleteHorizon?: boolean
  /** Default: that of the last record. Larger after compaction. */
  readonly lastOffsetDelta?: number
  /** Default: the greatest of the records. Kept when compaction empties a batch. */
  readonly maxTimestamp?: number
}

/**
 * Encodes records into one batch, writing each straight into a growing buffer.
 *
 * Record: `| length varint | attributes int8 0 | timestamp delta | offset delta | key length | key | value length | value |
 * header count | (name length | name | value length | value)… |`, all lengths and deltas zig-zag varints, -1 for null.
 *
 * @see org.apache.kafka.common.record.MemoryRecordsBuilder
 */
export class RecordBatchBuilder {
  #bytes: Uint8Array
  #end = batchHeaderBytes
  #count = 0
  #lastOffsetDelta = -1
  #baseTimestamp: number
  #fixedBaseTimestamp: number | undefined
  #maxTimestamp = -1

  /** `baseTimestamp`: default that of the first record. */
  constructor(options?: { readonly initialBytes?: number; readonly baseTimestamp?: number }) {
    this.#bytes = Buffer.allocUnsafeSlow(Math.max(options?.initialBytes ?? 16 * 1024, batchHeaderBytes))
    this.#fixedBaseTimestamp = options?.baseTimestamp
    this.#baseTimestamp = options?.baseTimestamp ?? -1
  }

  /** Records so far. */
  get recordCount(): number {
    return this.#count
  }

  /** Bytes of the batch so far, header included, before compression. */
  get sizeInBytes(): number {
    return this.#end
  }

  /** At most how many bytes such a record adds; headers not counted. */
  static estimateRecordBytes(keyBytes: number, valueBytes: number): number {
    return keyBytes + valueBytes + 36
  }

  /** Adds a record at the next offset. The bytes are copied. Returns its offset delta. */
  append(
    timestamp: number,
    key: Uint8Array | null,
    value: Uint8Array | null,
    headers?: Iterable<RecordHeader> | null,
  ): number {
    const offsetDelta = this.#lastOffsetDelta + 1
    this.appendAt(offsetDelta, timestamp, key, value, headers)
    return offsetDelta
  }

  /** Adds a record at a given offset from the base, which must be above those before it (gaps are what compaction leaves). */
  appendAt(
    offsetDelta: number,
    timestamp: number,
    key: Uint8Array | null,
    value: Uint8Array | null,
    headers?: Iterable<RecordHeader> | null,
  ): void {
    if (this.#count === 0 && this.#fixedBaseTimestamp === undefined) this.#baseTimestamp = timestamp
    const timestampDelta = timestamp - this.#baseTimestamp
    const keyLength = key === null ? -1 : key.length
    const valueLength = value === null ? -1 : value.length
    let size =
      1 +
      sizeOfVarint(timestampDelta) +
      sizeOfVarint(offsetDelta) +
      sizeOfVarint(keyLength) +
      Math.max(keyLength, 0) +
      sizeOfVarint(valueLength) +
      Math.max(valueLength, 0)
    let headerCount = 0
    if (headers) {
      for (const header of headers) {
        headerCount++
        size += sizeOfHeader(header)
      }
    }
    size += sizeOfVarint(headerCount)
    const bytes = this.#reserve(size + 5)
    let at = writeVarint(bytes, this.#end, size)
    bytes[at++] = 0
    at = writeVarint(bytes, at, timestampDelta)
    at = writeVarint(bytes, at, offsetDelta)
    at = writeVarint(bytes, at, keyLength)
    if (keyLength > 0) at = copy(key!, bytes, at)
    at = writeVarint(bytes, at, valueLength)
    if (valueLength > 0) at = copy(value!, bytes, at)
    at = writeVarint(bytes, at, headerCount)
    if (headerCount > 0) for (const header of headers!) at = writeHeader(bytes, at, header)
    this.#end = at
    this.#lastOffsetDelta = offsetDelta
    this.#count++
    if (timestamp > this.#maxTimestamp) this.#maxTimestamp = timestamp
  }

  /**
   * The finished batch. Without compression it is a view of the builder's buffer, valid until the next call of
   * `append` or `reset`; the builder may go on growing after it.
   */
  build(attributes: BatchAttributes = {}): Uint8Array {
    const codec = attributes.compression ?? 'none'
    const batch = codec === 'none' ? this.#bytes.subarray(0, this.#end) : this.#compressed(codec)
    const view = new DataView(batch.buffer, batch.byteOffset, batch.byteLength)
    writeInt64(view, 0, attributes.baseOffset ?? 0)
    view.setInt32(batchLengthAt, batch.length - batchPrefixBytes)
    view.setInt32(leaderEpochAt, attributes.leaderEpoch ?? -1)
    view.setInt8(magicAt, 2)
    view.setInt16(
      attributesAt,
      compressionTypes.indexOf(codec) |
        (attributes.logAppendTime === undefined ? 0 : logAppendTimeBit) |
        (attributes.isTransactional ? transactionalBit : 0) |
        (attributes.isControl ? controlBit : 0) |
        (attributes.hasDeleteHorizon ? deleteHorizonBit : 0),
    )
    view.setInt32(lastOffsetDeltaAt, attributes.lastOffsetDelta ?? this.#lastOffsetDelta)
    writeInt64(view, baseTimestampAt, this.#baseTimestamp)
    writeInt64(view, maxTimestampAt, attributes.logAppendTime ?? attributes.maxTimestamp ?? this.#maxTimestamp)
    view.setBigInt64(producerIdAt, attributes.producerId ?? -1n)
    view.setInt16(producerEpochAt, attributes.producerEpoch ?? -1)
    view.setInt32(baseSequenceAt, attributes.baseSequence ?? -1)
    view.setInt32(recordCountAt, this.#count)
    view.setUint32(crcAt, crc32c(batch, attributesAt, batch.length))
    return batch
  }

  /** Empties the builder; the buffer stays. */
  reset(): void {
    this.#end = batchHeaderBytes
    this.#count = 0
    this.#lastOffsetDelta = -1
    this.#baseTimestamp = this.#fixedBaseTimestamp ?? -1
    this.#maxTimestamp = -1
  }

  #compressed(codec: Exclude<CompressionType, 'none'>): Uint8Array {
    const block = compressionCodec(codec).compress(this.#bytes.subarray(batchHeaderBytes, this.#end))
    const batch = new Uint8Array(batchHeaderBytes + block.length)
    batch.set(block, batchHeaderBytes)
    return batch
  }

  #reserve(size: number): Uint8Array {
    const needed = this.#end + size
    if (needed > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2))
      larger.set(this.#bytes.subarray(0, this.#end))
      this.#bytes = larger
    }
    return this.#bytes
  }
}

function sizeOfHeader(header: RecordHeader): number {
  const nameLength = Buffer.byteLength(header.key)
  const valueLength = header.value === null ? -1 : header.value.length
  return sizeOfVarint(nameLength) + nameLength + sizeOfVarint(valueLength) + Math.max(valueLength, 0)
}

function writeHeader(bytes: Uint8Array, at: number, header: RecordHeader): number {
  const name = Buffer.from(header.key)
  const valueLength = header.value === null ? -1 : header.value.length
  let position = copy(name, bytes, writeVarint(bytes, at, name.length))
  position = writeVarint(bytes, position, valueLength)
  return header.value === null ? position : copy(header.value, bytes, position)
}

/** Short arrays are faster copied byte by byte than through `set`. */
function copy(source: Uint8Array, target: Uint8Array, at: number): number {
  const length = source.length
  if (length > 48) target.set(source, at)
  else for (let i = 0; i < length; i++) target[at + i] = source[i]!
  return at + length
}
