import {
  attributesAt,
  baseSequenceAt,
  baseTimestampAt,
  batchHeaderBytes,
  batchLengthAt,
  batchPrefixBytes,
  codecMask,
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
  readInt64,
  recordCountAt,
  transactionalBit,
} from './batch-header.ts'
import { type CompressionType, compressionCodec, compressionTypes } from './compression.ts'
import { crc32c } from './crc32c.ts'
import { ProtocolError } from './protocol-error.ts'
import type { RecordHeader } from './record-batch-builder.ts'
import { VarintReader } from './varint.ts'

/**
 * A cursor over record batches back to back, and over the records of the batch it stands on. Nothing is allocated per
 * record; header fields are read when asked for. Views it hands out share the batch's memory: copy what must live on.
 *
 * ```ts
 * const reader = new RecordBatchReader(bytes)
 * while (reader.nextBatch()) while (reader.nextRecord()) use(reader.offset, reader.key, reader.value)
 * ```
 */
export class RecordBatchReader {
  #bytes: Uint8Array
  #view: DataView
  /** Start of the batch the cursor stands on, and of the one after it. */
  #position = 0
  #nextPosition: number
  #end: number
  /** The batch's records: the batch's own bytes, or the decompressed block. */
  #block: Uint8Array
  #blockBuffer: ArrayBufferLike
  #blockOffset = 0
  #isBuffer = false
  #blockEnd = 0
  #isOpen = false
  #recordsLeft = 0
  #baseTimestamp = 0
  #attributes = 0
  #varints: VarintReader
  #nextRecordAt = 0
  #offsetDelta = 0
  #timestampDelta = 0
  #keyAt = 0
  #keyLength = -1
  #valueAt = 0
  #valueLength = -1
  #headersAt = 0

  constructor(bytes: Uint8Array, start = 0, end: number = bytes.length) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#nextPosition = start
    this.#end = end
    this.#block = bytes
    this.#blockBuffer = bytes.buffer
    this.#varints = new VarintReader(bytes)
  }

  /** Goes on with other bytes. */
  reset(bytes: Uint8Array, start = 0, end: number = bytes.length): void {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#position = start
    this.#nextPosition = start
    this.#end = end
    this.#block = bytes
    this.#isOpen = false
    this.#recordsLeft = 0
  }

  /**
   * Moves to the next batch; false at the end, or when the rest is not a whole batch (`position` then says where).
   * @throws ProtocolError CORRUPT_MESSAGE on an impossible length, UNSUPPORTED_FOR_MESSAGE_FORMAT on a magic other than 2
   */
  nextBatch(): boolean {
    const start = this.#nextPosition
    this.#isOpen = false
    this.#recordsLeft = 0
    if (this.#end - start < batchHeaderBytes) return false
    const length = this.#view.getInt32(start + batchLengthAt)
    if (length < batchHeaderBytes - batchPrefixBytes) {
      throw new ProtocolError('CORRUPT_MESSAGE', `The record batch at byte ${start} claims a length of ${length}.`)
    }
    const magic = this.#view.getInt8(start + magicAt)
    if (magic !== 2) {
      throw new ProtocolError(
        'UNSUPPORTED_FOR_MESSAGE_FORMAT',
        `The record batch at byte ${start} has magic ${magic}; only record batches of version 2 are read.`,
      )
    }
    const next = start + batchPrefixBytes + length
    if (next > this.#end) return false
    this.#position = start
    this.#nextPosition = next
    return true
  }

  /** After `nextBatch` was false: the size of the batch that is cut off; undefined when not even its length is there. */
  get pendingBatchBytes(): number | undefined {
    const start = this.#nextPosition
    return this.#end - start < batchPrefixBytes
      ? undefined
      : batchPrefixBytes + this.#view.getInt32(start + batchLengthAt)
  }

  /** Start of the batch within the bytes. */
  get position(): number {
    return this.#position
  }

  /** Start of what follows the batch. */
  get nextPosition(): number {
    return this.#nextPosition
  }

  /** Bytes of the batch, header included. */
  get sizeInBytes(): number {
    return this.#nextPosition - this.#position
  }

  get baseOffset(): number {
    return readInt64(this.#view, this.#position)
  }

  /** Inclusive; survives compaction, so it may be above the last record's offset. */
  get lastOffset(): number {
    return this.baseOffset + this.lastOffsetDelta
  }

  get lastOffsetDelta(): number {
    return this.#view.getInt32(this.#position + lastOffsetDeltaAt)
  }

  get leaderEpoch(): number {
    return this.#view.getInt32(this.#position + leaderEpochAt)
  }

  get crc(): number {
    return this.#view.getUint32(this.#position + crcAt)
  }

  /** Whether the bytes are those that were written. */
  get isCrcValid(): boolean {
    return crc32c(this.#bytes, this.#position + attributesAt, this.#nextPosition) === this.crc
  }

  get attributes(): number {
    return this.#view.getInt16(this.#position + attributesAt)
  }

  /** `UNSUPPORTED_COMPRESSION_TYPE` is thrown by `nextRecord` for an id without a name, which reads as undefined here. */
  get compression(): CompressionType | undefined {
    return compressionTypes[this.attributes & codecMask]
  }

  get isTransactional(): boolean {
    return (this.attributes & transactionalBit) !== 0
  }

  get isControl(): boolean {
    return (this.attributes & controlBit) !== 0
  }

  get hasLogAppendTime(): boolean {
    return (this.attributes & logAppendTimeBit) !== 0
  }

  /** Unix ms after which tombstones and markers of the batch may go; undefined when compaction has not set it. */
  get deleteHorizonMs(): number | undefined {
    return (this.attributes & deleteHorizonBit) === 0 ? undefined : this.baseTimestamp
  }

  get baseTimestamp(): number {
    return readInt64(this.#view, this.#position + baseTimestampAt)
  }

  get maxTimestamp(): number {
    return readInt64(this.#view, this.#position + maxTimestampAt)
  }

  get producerId(): bigint {
    return this.#view.getBigInt64(this.#position + producerIdAt)
  }

  get hasProducerId(): boolean {
    return this.#view.getInt32(this.#position + producerIdAt) >= 0
  }

  get producerEpoch(): number {
    return this.#view.getInt16(this.#position + producerEpochAt)
  }

  get baseSequence(): number {
    return this.#view.getInt32(this.#position + baseSequenceAt)
  }

  /** Wraps to 0 after 2^31 - 1. */
  get lastSequence(): number {
    const base = this.baseSequence
    return base < 0 ? -1 : (base + this.lastOffsetDelta) & 0x7fffffff
  }

  get recordCount(): number {
    return this.#view.getInt32(this.#position + recordCountAt)
  }

  /** The whole batch; a view. */
  get batchBytes(): Uint8Array {
    return this.#bytes.subarray(this.#position, this.#nextPosition)
  }

  /**
   * Moves to the next record of the batch; false after the last.
   * @throws ProtocolError CORRUPT_MESSAGE when the records do not fill their block, UNSUPPORTED_COMPRESSION_TYPE
   */
  nextRecord(): boolean {
    if (!this.#isOpen) this.#openBatch()
    if (this.#recordsLeft === 0) {
      if (this.#nextRecordAt !== this.#blockEnd) throw this.#corrupt('bytes are left after the last record')
      return false
    }
    const varints = this.#varints
    varints.position = this.#nextRecordAt
    const length = varints.next()
    const start = varints.position
    const end = start + length
    if (!(length > 0 && end <= this.#blockEnd)) throw this.#corrupt(`a record claims a length of ${length}`)
    varints.position = start + 1
    this.#timestampDelta = varints.next()
    this.#offsetDelta = varints.next()
    this.#keyLength = varints.next()
    this.#keyAt = varints.position
    if (this.#keyLength > 0) varints.position += this.#keyLength
    this.#valueLength = varints.next()
    this.#valueAt = varints.position
    if (this.#valueLength > 0) varints.position += this.#valueLength
    this.#headersAt = varints.position
    if (!(this.#keyLength >= -1 && this.#valueLength >= -1 && this.#headersAt < end)) {
      throw this.#corrupt(`a record's key or value is longer than the record`)
    }
    this.#nextRecordAt = end
    this.#recordsLeft--
    return true
  }

  /** Goes back to before the first record of the batch. */
  rewindRecords(): void {
    if (!this.#isOpen) return
    this.#nextRecordAt = this.#block === this.#bytes ? this.#position + batchHeaderBytes : 0
    this.#recordsLeft = this.recordCount
  }

  /** Offset of the record. */
  get offset(): number {
    return this.baseOffset + this.#offsetDelta
  }

  /** Unix ms. */
  get timestamp(): number {
    return this.#attributes & logAppendTimeBit ? this.maxTimestamp : this.#baseTimestamp + this.#timestampDelta
  }

  /** The sequence number of the record, -1 without a producer id. */
  get sequence(): number {
    const base = this.baseSequence
    return base < 0 ? -1 : (base + this.#offsetDelta) & 0x7fffffff
  }

  /** The memory in which `keyStart` and `valueStart` point. */
  get block(): Uint8Array {
    return this.#block
  }

  get keyStart(): number {
    return this.#keyAt
  }

  /** -1 for null. */
  get keyLength(): number {
    return this.#keyLength
  }

  get valueStart(): number {
    return this.#valueAt
  }

  /** -1 for null. */
  get valueLength(): number {
    return this.#valueLength
  }

  /** A view, or null. */
  get key(): Uint8Array | null {
    return this.#keyLength < 0 ? null : this.#viewOf(this.#keyAt, this.#keyLength)
  }

  /** A view, or null. */
  get value(): Uint8Array | null {
    return this.#valueLength < 0 ? null : this.#viewOf(this.#valueAt, this.#valueLength)
  }

  /** Whether `headers` would be non-empty; cheap. */
  get hasHeaders(): boolean {
    return this.#block[this.#headersAt] !== 0
  }

  /** The headers in order; decoded at each call. */
  get headers(): RecordHeader[] {
    const varints = this.#varints
    varints.position = this.#headersAt
    const headers: RecordHeader[] = []
    for (let left = varints.next(); left > 0; left--) {
      const name = this.#headerBytes()
      if (name === null) throw this.#corrupt('a header has no name')
      headers.push({
        key: Buffer.from(name.buffer, name.byteOffset, name.length).toString(),
        value: this.#headerBytes(),
      })
    }
    if (varints.position !== this.#nextRecordAt) throw this.#corrupt(`a record's headers do not fill the record`)
    return headers
  }

  /** A Buffer of a Buffer, which costs several times as much as an array of an array. */
  #viewOf(start: number, length: number): Uint8Array {
    if (this.#isBuffer) return this.#block.subarray(start, start + length)
    return new Uint8Array(this.#blockBuffer, this.#blockOffset + start, length)
  }

  #headerBytes(): Uint8Array | null {
    const length = this.#varints.next()
    if (length === -1) return null
    const start = this.#varints.position
    if (!(length >= 0 && start + length <= this.#nextRecordAt))
      throw this.#corrupt('a header is longer than its record')
    this.#varints.position = start + length
    return this.#viewOf(start, length)
  }

  #openBatch(): void {
    const attributes = this.attributes
    this.#attributes = attributes
    this.#baseTimestamp = this.baseTimestamp
    const codec = attributes & codecMask
    if (codec === 0) {
      this.#block = this.#bytes
      this.#nextRecordAt = this.#position + batchHeaderBytes
      this.#blockEnd = this.#nextPosition
    } else {
      this.#block = this.#decompress(codec)
      this.#nextRecordAt = 0
      this.#blockEnd = this.#block.length
    }
    this.#isBuffer = Buffer.isBuffer(this.#block)
    this.#blockBuffer = this.#block.buffer
    this.#blockOffset = this.#block.byteOffset
    this.#varints.reset(this.#block, this.#nextRecordAt)
    this.#recordsLeft = this.recordCount
    this.#isOpen = true
  }

  #decompress(id: number): Uint8Array {
    const type = compressionTypes[id]
    if (type === undefined || type === 'none') {
      throw new ProtocolError(
        'UNSUPPORTED_COMPRESSION_TYPE',
        `The record batch at offset ${this.baseOffset} has codec ${id}.`,
      )
    }
    const codec = compressionCodec(type)
    try {
      return codec.decompress(this.#bytes.subarray(this.#position + batchHeaderBytes, this.#nextPosition))
    } catch (cause) {
      throw this.#corrupt(`its ${type} block cannot be decompressed`, cause)
    }
  }

  #corrupt(what: string, cause?: unknown): ProtocolError {
    const message = `The record batch at offset ${this.baseOffset} is corrupt: ${what}.`
    return new ProtocolError('CORRUPT_MESSAGE', message, { cause })
  }
}
