/**
 * Writes the fields of a coordinator's record; big-endian, strings and bytes behind their length. What is called compact
 * has its length plus one in front, as an unsigned varint, with 0 for null: values with a flexible version.
 */
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

  unsignedVarint(value: number): this {
    let rest = value >>> 0
    for (; rest > 0x7f; rest >>>= 7) this.#byte((rest & 0x7f) | 0x80)
    this.#byte(rest)
    return this
  }

  compactString(value: string | null): this {
    if (value === null) return this.unsignedVarint(0)
    const length = Buffer.byteLength(value)
    this.unsignedVarint(length + 1)
    const at = this.#reserve(length)
    this.#bytes.write(value, at)
    return this
  }

  compactBytes(value: Uint8Array): this {
    this.unsignedVarint(value.length + 1)
    const at = this.#reserve(value.length)
    this.#bytes.set(value, at)
    return this
  }

  /** 22 characters of URL-safe base64. */
  uuid(value: string): this {
    const at = this.#reserve(16)
    this.#bytes.write(value, at, 'base64url')
    return this
  }

  /** The number of items; the caller writes them. */
  compactArray(length: number): this {
    return this.unsignedVarint(length + 1)
  }

  /** The tagged fields at the end of a flexible structure, by ascending tag. */
  tags(...fields: readonly (readonly [tag: number, content: Uint8Array])[]): this {
    this.unsignedVarint(fields.length)
    for (const [tag, content] of fields) {
      this.unsignedVarint(tag).unsignedVarint(content.length)
      const at = this.#reserve(content.length)
      this.#bytes.set(content, at)
    }
    return this
  }

  /** What was written; a copy. */
  done(): Uint8Array {
    return Uint8Array.prototype.slice.call(this.#bytes, 0, this.#end)
  }

  #byte(value: number): void {
    const at = this.#reserve(1)
    this.#bytes[at] = value
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

  unsignedVarint(): number {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = this.#bytes.readUInt8(this.#advance(1))
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return value >>> 0
    }
  }

  compactNullableString(): string | null {
    const length = this.unsignedVarint() - 1
    if (length < 0) return null
    const at = this.#advance(length)
    if (this.#at > this.#bytes.length) throw new RangeError(`A string of ${length} bytes runs over the end.`)
    return this.#bytes.toString('utf8', at, at + length)
  }

  compactString(): string {
    return this.compactNullableString() ?? ''
  }

  /** A view. */
  compactBytes(): Uint8Array {
    const length = this.unsignedVarint() - 1
    const at = this.#advance(Math.max(length, 0))
    return this.#bytes.subarray(at, at + Math.max(length, 0))
  }

  /** 22 characters of URL-safe base64. */
  uuid(): string {
    const at = this.#advance(16)
    if (this.#at > this.#bytes.length) throw new RangeError('A uuid runs over the end.')
    return this.#bytes.toString('base64url', at, at + 16)
  }

  /** The items of a compact array, each read by `item`. */
  compactArray<Item>(item: () => Item): Item[] {
    const items: Item[] = []
    for (let count = this.unsignedVarint() - 1; count > 0; count--) items.push(item())
    return items
  }

  /** The tagged fields at the end of a flexible structure, by tag; views. */
  tags(): Map<number, RecordReader> {
    const fields = new Map<number, RecordReader>()
    for (let count = this.unsignedVarint(); count > 0; count--) {
      const tag = this.unsignedVarint()
      const length = this.unsignedVarint()
      const at = this.#advance(length)
      fields.set(tag, new RecordReader(this.#bytes.subarray(at, at + length)))
    }
    return fields
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
