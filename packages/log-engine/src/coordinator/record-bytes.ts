/** Writes the fields of a coordinator's record; big-endian, strings and bytes behind their length. */
export class RecordWriter {
  #bytes = Buffer.allocUnsafe(128)
  #end = 0

  int8(value: number): this {
    const at = this.#reserve(1)
    this.#bytes.writeInt8(value, at)
    return this
  }

  int16(value: number): this {
    const at = this.#reserve(2)
    this.#bytes.writeInt16BE(value, at)
    return this
  }

  int32(value: number): this {
    const at = this.#reserve(4)
    this.#bytes.writeInt32BE(value, at)
    return this
  }

  int64(value: number | bigint): this {
    const at = this.#reserve(8)
    this.#bytes.writeBigInt64BE(BigInt(value), at)
    return this
  }

  /** UTF-8 behind an int16 length; -1 for null. */
  string(value: string | null): this {
    if (value === null) return this.int16(-1)
    const length = Buffer.byteLength(value)
    this.int16(length)
    const at = this.#reserve(length)
    this.#bytes.write(value, at)
    return this
  }

  /** Behind an int32 length. */
  bytes(value: Uint8Array): this {
    this.int32(value.length)
    const at = this.#reserve(value.length)
    this.#bytes.set(value, at)
    return this
  }

  /** What was written; a copy. */
  done(): Uint8Array {
    return Uint8Array.prototype.slice.call(this.#bytes, 0, this.#end)
  }

  #reserve(length: number): number {
    const at = this.#end
    this.#end += length
    if (this.#end > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.#end, this.#bytes.length * 2))
      this.#bytes.copy(larger, 0, 0, at)
      this.#bytes = larger
    }
    return at
  }
}

/** Reads what `RecordWriter` writes. Running over the end throws a RangeError. */
export class RecordReader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  }

  int8(): number {
    return this.#bytes.readInt8(this.#advance(1))
  }

  int16(): number {
    return this.#bytes.readInt16BE(this.#advance(2))
  }

  int32(): number {
    return this.#bytes.readInt32BE(this.#advance(4))
  }

  int64(): number {
    return Number(this.bigint64())
  }

  bigint64(): bigint {
    return this.#bytes.readBigInt64BE(this.#advance(8))
  }

  nullableString(): string | null {
    const length = this.int16()
    if (length < 0) return null
    const at = this.#advance(length)
    return this.#bytes.toString('utf8', at, at + length)
  }

  string(): string {
    return this.nullableString() ?? ''
  }

  /** A view. */
  bytes(): Uint8Array {
    const length = this.int32()
    const at = this.#advance(length)
    return this.#bytes.subarray(at, at + length)
  }

  /** Whether bytes are left. */
  get hasMore(): boolean {
    return this.#at < this.#bytes.length
  }

  #advance(length: number): number {
    const at = this.#at
    this.#at += length
    return at
  }
}
