// The grammar of Kafka's messages, all big-endian:
//
//   int8 int16 uint16 int32 int64                    fixed width, two's complement
//   boolean                                          one byte, 0 is false
//   uvarint                                          7 bits a byte, least significant first, at most 5 bytes
//   string                 int16 length, UTF-8       compact: uvarint length + 1, UTF-8     (null: -1, compact 0)
//   bytes, records         int32 length, bytes       compact: uvarint length + 1, bytes     (null: -1, compact 0)
//   array                  int32 count, elements     compact: uvarint count + 1, elements   (null: -1, compact 0)
//   uuid                   16 bytes
//   tagged fields          uvarint count, then each: uvarint tag, uvarint size, that many bytes; tags ascend

import { ProtocolError } from './protocol-error.ts'

/** The uuid of sixteen zero bytes: no topic id. */
export const zeroUuid = 'AAAAAAAAAAAAAAAAAAAAAA'

/** Limits of a `ProtocolReader`. */
export interface ReaderLimits {
  /** How many array elements one message may hold; small elements would else blow up in memory. Default 1 000 000. */
  readonly maxElements?: number
}

/**
 * Reads primitives from front to back. Every read is checked against the end, and every length against the bytes that
 * are left, before anything is allocated: @throws ProtocolError. Bytes and records are views of the input, not copies.
 */
export class ProtocolReader {
  readonly #bytes: Buffer
  readonly #view: DataView
  readonly #end: number
  #position = 0
  #elementsLeft: number

  constructor(bytes: Uint8Array, limits: ReaderLimits = {}) {
    this.#bytes = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#end = bytes.byteLength
    this.#elementsLeft = limits.maxElements ?? 1_000_000
  }

  /** Bytes read so far. */
  get position(): number {
    return this.#position
  }

  /** Bytes not read yet. */
  get remaining(): number {
    return this.#end - this.#position
  }

  /** Moves past `length` bytes and returns where they begin. */
  #take(length: number): number {
    const start = this.#position
    if (length > this.#end - start) {
      throw new ProtocolError(
        'INVALID_REQUEST',
        `message ends early: ${length} bytes wanted at ${start}, ${this.#end - start} are left`,
      )
    }
    this.#position = start + length
    return start
  }

  int8(): number {
    return this.#view.getInt8(this.#take(1))
  }

  boolean(): boolean {
    return this.#view.getInt8(this.#take(1)) !== 0
  }

  int16(): number {
    return this.#view.getInt16(this.#take(2))
  }

  uint16(): number {
    return this.#view.getUint16(this.#take(2))
  }

  int32(): number {
    return this.#view.getInt32(this.#take(4))
  }

  /** @throws ProtocolError outside of the safe integers */
  int64(): number {
    const at = this.#take(8)
    const value = this.#view.getInt32(at) * 0x1_0000_0000 + this.#view.getUint32(at + 4)
    if (!Number.isSafeInteger(value))
      throw new ProtocolError('INVALID_REQUEST', `int64 at ${at} is beyond 2^53: ${this.#view.getBigInt64(at)}`)
    return value
  }

  bigint64(): bigint {
    return this.#view.getBigInt64(this.#take(8))
  }

  uvarint(): number {
    let value = 0
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#view.getUint8(this.#take(1))
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) {
        if (value > 0xffff_ffff) break
        return value
      }
    }
    throw new ProtocolError('INVALID_REQUEST', `uvarint before ${this.#position} is longer than 32 bits`)
  }

  uuid(): string {
    const start = this.#take(16)
    return this.#bytes.toString('base64url', start, start + 16)
  }

  /** A view of the next `length` bytes. */
  raw(length: number): Uint8Array {
    const start = this.#take(length)
    return this.#bytes.subarray(start, start + length)
  }

  string(compact: boolean): string | null {
    const length = compact ? this.uvarint() - 1 : this.int16()
    if (length < 0) return this.#absent(length)
    const start = this.#take(length)
    return this.#bytes.toString('utf8', start, start + length)
  }

  bytes(compact: boolean): Uint8Array | null {
    const length = compact ? this.uvarint() - 1 : this.int32()
    return length < 0 ? this.#absent(length) : this.raw(length)
  }

  /**
   * The count of an array whose elements take at least `elementBytes` each; -1 for null.
   * @throws ProtocolError when so many elements cannot be in the bytes left
   */
  count(compact: boolean, elementBytes: number): number {
    const count = compact ? this.uvarint() - 1 : this.int32()
    if (count < 0) {
      this.#absent(count)
      return -1
    }
    if (count * elementBytes > this.remaining) {
      throw new ProtocolError(
        'INVALID_REQUEST',
        `array of ${count} elements at ${this.#position} has only ${this.remaining} bytes`,
      )
    }
    this.#elementsLeft -= count
    if (this.#elementsLeft < 0)
      throw new ProtocolError('INVALID_REQUEST', `more array elements than one message may hold at ${this.#position}`)
    return count
  }

  #absent(length: number): null {
    if (length < -1) throw new ProtocolError('INVALID_REQUEST', `negative length ${length} before ${this.#position}`)
    return null
  }
}

/** Bytes of at least this length are passed through by `finish` instead of being copied. */
const passThroughBytes = 4096

/**
 * Writes primitives into memory that grows. Long bytes are kept by reference: `finish` returns the message as chunks in
 * order, and the caller must not change what it has given before those are sent.
 */
export class ProtocolWriter {
  #bytes: Buffer
  #view: DataView
  #start = 0
  #position = 0
  #chunks: Uint8Array[] = []
  #chunkBytes = 0

  constructor(initialBytes = 256) {
    this.#bytes = Buffer.allocUnsafeSlow(initialBytes)
    this.#view = new DataView(this.#bytes.buffer)
  }

  /** Bytes written so far. */
  get size(): number {
    return this.#chunkBytes + this.#position - this.#start
  }

  /** Makes room for `length` bytes and returns where they go. */
  #reserve(length: number): number {
    const at = this.#position
    if (at + length > this.#bytes.length) this.#grow(length)
    const start = this.#position
    this.#position = start + length
    return start
  }

  #grow(length: number): void {
    const used = this.#position - this.#start
    const grown = Buffer.allocUnsafeSlow(Math.max(this.#bytes.length * 2, used + length))
    this.#bytes.copy(grown, 0, this.#start, this.#position)
    this.#bytes = grown
    this.#view = new DataView(grown.buffer)
    this.#start = 0
    this.#position = used
  }

  int8(value: number): void {
    const at = this.#reserve(1)
    this.#view.setInt8(at, value)
  }

  boolean(value: boolean): void {
    const at = this.#reserve(1)
    this.#view.setInt8(at, value ? 1 : 0)
  }

  int16(value: number): void {
    const at = this.#reserve(2)
    this.#view.setInt16(at, value)
  }

  uint16(value: number): void {
    const at = this.#reserve(2)
    this.#view.setUint16(at, value)
  }

  int32(value: number): void {
    const at = this.#reserve(4)
    this.#view.setInt32(at, value)
  }

  /** @throws ProtocolError outside of the safe integers */
  int64(value: number): void {
    if (!Number.isSafeInteger(value))
      throw new ProtocolError('INVALID_REQUEST', `${value} is not a safe integer: an int64 field cannot carry it`)
    const at = this.#reserve(8)
    const high = Math.floor(value / 0x1_0000_0000)
    this.#view.setInt32(at, high)
    this.#view.setUint32(at + 4, value - high * 0x1_0000_0000)
  }

  bigint64(value: bigint): void {
    const at = this.#reserve(8)
    this.#view.setBigInt64(at, value)
  }

  /** `value` from 0 to 2^32 - 1. */
  uvarint(value: number): void {
    const at = this.#reserve(uvarintSize(value))
    this.#putUvarint(at, value)
  }

  #putUvarint(start: number, value: number): number {
    let at = start
    let rest = value
    while (rest >= 0x80) {
      this.#bytes[at++] = (rest & 0x7f) | 0x80
      rest = Math.floor(rest / 0x80)
    }
    this.#bytes[at++] = rest
    return at
  }

  /** 22 characters of URL-safe base64. @throws ProtocolError when they are not sixteen bytes */
  uuid(value: string): void {
    const at = this.#reserve(16)
    if (value.length !== 22 || this.#bytes.write(value, at, 16, 'base64url') !== 16) {
      throw new ProtocolError(
        'INVALID_REQUEST',
        `'${value}' is not a uuid: 22 characters of URL-safe base64 are wanted`,
      )
    }
  }

  /** Copies `value`, or keeps it by reference when it is long. */
  raw(value: Uint8Array): void {
    if (value.byteLength < passThroughBytes) {
      const at = this.#reserve(value.byteLength)
      this.#bytes.set(value, at)
      return
    }
    this.#closeChunk()
    this.#chunks.push(value)
    this.#chunkBytes += value.byteLength
  }

  #closeChunk(): void {
    if (this.#position === this.#start) return
    this.#chunks.push(this.#bytes.subarray(this.#start, this.#position))
    this.#chunkBytes += this.#position - this.#start
    this.#start = this.#position
  }

  /** @throws ProtocolError above 32 767 bytes, unless compact */
  string(value: string | null, compact: boolean): void {
    if (value === null) {
      if (compact) this.uvarint(0)
      else this.int16(-1)
      return
    }
    const length = Buffer.byteLength(value)
    if (compact) {
      this.uvarint(length + 1)
    } else {
      if (length > 0x7fff)
        throw new ProtocolError('INVALID_REQUEST', `string of ${length} bytes: a string field carries 32767 at most`)
      this.int16(length)
    }
    const at = this.#reserve(length)
    this.#bytes.write(value, at, length, 'utf8')
  }

  bytes(value: Uint8Array | null, compact: boolean): void {
    this.count(value === null ? -1 : value.byteLength, compact)
    if (value !== null) this.raw(value)
  }

  /** The count of an array, or the length of bytes; -1 for null. */
  count(count: number, compact: boolean): void {
    if (compact) this.uvarint(count + 1)
    else this.int32(count)
  }

  /** The message so far, as chunks in order. The writer must not be used afterwards. */
  finish(): Uint8Array[] {
    this.#closeChunk()
    return this.#chunks
  }

  /** The message so far, in one piece. The writer must not be used afterwards. */
  finishWhole(): Uint8Array {
    const chunks = this.finish()
    return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)
  }
}

/** How many bytes `value` (0 to 2^32 - 1) takes as uvarint. */
export function uvarintSize(value: number): number {
  if (value < 0x80) return 1
  if (value < 0x4000) return 2
  if (value < 0x20_0000) return 3
  return value < 0x1000_0000 ? 4 : 5
}
