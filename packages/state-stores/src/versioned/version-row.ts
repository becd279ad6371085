import { readInt32, readInt64, writeInt32, writeInt64 } from '../key-schema/int64.ts'

/** A version inside a row: valid from its timestamp until the next newer version's. A null value is a tombstone. */
export interface Version {
  readonly timestamp: number
  readonly value: Uint8Array | null
}

/** A version that was looked for, with its place in the row and the end of its validity (exclusive). */
export interface FoundVersion extends Version {
  readonly index: number
  readonly validTo: number
}

const HEAD_SIZE = 16
const ENTRY_SIZE = 12

/**
 * The versions of one key in one segment, newest first, without gaps: each is valid until the next newer one, the newest until
 * `nextTimestamp`.
 *
 *   | next timestamp, int64 BE | min timestamp, int64 BE | (timestamp int64 BE, size int32 BE)*, newest first | values, oldest first |
 *
 * A size of −1 is a tombstone. A row whose next timestamp equals its min timestamp is degenerate: it holds one tombstone, of
 * which nothing older is known.
 * @see org.apache.kafka.streams.state.internals.RocksDBVersionedStoreSegmentValueFormatter (same bytes)
 */
export class VersionRow {
  readonly #versions: Version[]
  #nextTimestamp: number

  private constructor(versions: Version[], nextTimestamp: number) {
    this.#versions = versions
    this.#nextTimestamp = nextTimestamp
  }

  /** A row with one version. A null value that is valid from and to the same time makes a degenerate row. */
  static of(value: Uint8Array | null, timestamp: number, validTo: number): VersionRow {
    return new VersionRow([{ timestamp, value }], validTo)
  }

  static decode(bytes: Uint8Array): VersionRow {
    const minTimestamp = minTimestampOf(bytes)
    const versions: Version[] = []
    let entry = HEAD_SIZE
    let valueEnd = bytes.length
    let timestamp: number
    do {
      timestamp = readInt64(bytes, entry)
      const size = readInt32(bytes, entry + 8)
      versions.push({ timestamp, value: size < 0 ? null : bytes.slice(valueEnd - size, valueEnd) })
      valueEnd -= Math.max(size, 0)
      entry += ENTRY_SIZE
    } while (timestamp !== minTimestamp)
    return new VersionRow(versions, nextTimestampOf(bytes))
  }

  encode(): Uint8Array {
    let size = HEAD_SIZE
    for (const { value } of this.#versions) size += ENTRY_SIZE + (value?.length ?? 0)
    const bytes = new Uint8Array(size)
    writeInt64(bytes, 0, this.#nextTimestamp)
    writeInt64(bytes, 8, this.#versions[this.#versions.length - 1]!.timestamp)
    let entry = HEAD_SIZE
    let valueEnd = size
    for (const { timestamp, value } of this.#versions) {
      writeInt64(bytes, entry, timestamp)
      writeInt32(bytes, entry + 8, value === null ? -1 : value.length)
      entry += ENTRY_SIZE
      if (value === null) continue
      valueEnd -= value.length
      bytes.set(value, valueEnd)
    }
    return bytes
  }

  /** The version valid at a time that lies in the row: not before its min timestamp, before its next timestamp. */
  find(time: number): FoundVersion {
    const index = this.#versions.findIndex((version) => version.timestamp <= time)
    return this.#at(index)
  }

  /** The versions, tombstones left out, that are valid anywhere in `[from, to]`, newest first. */
  findAll(from: number, to: number): FoundVersion[] {
    return this.#versions
      .map((_, index) => this.#at(index))
      .filter((version) => version.value !== null && version.timestamp <= to && version.validTo > from)
  }

  /** Adds a version newer than all. Where it does not begin at the end of the row, a tombstone fills the gap. */
  insertAsLatest(timestamp: number, validTo: number, value: Uint8Array | null): void {
    if (this.#isDegenerate && this.#nextTimestamp === timestamp) this.#versions.length = 0
    else if (this.#nextTimestamp < timestamp && !this.#isDegenerate) {
      this.#versions.unshift({ timestamp: this.#nextTimestamp, value: null })
    }
    this.#versions.unshift({ timestamp, value })
    this.#nextTimestamp = validTo
  }

  /** Adds a version older than all; the tombstone of a degenerate row gives way to it. */
  insertAsEarliest(timestamp: number, value: Uint8Array | null): void {
    if (this.#isDegenerate) this.#versions.length = 0
    this.#versions.push({ timestamp, value })
  }

  /** Adds a version just newer than the one at that index. */
  insert(timestamp: number, value: Uint8Array | null, index: number): void {
    this.#versions.splice(index, 0, { timestamp, value })
  }

  replace(timestamp: number, value: Uint8Array | null, index: number): void {
    this.#versions[index] = { timestamp, value }
  }

  get #isDegenerate(): boolean {
    return this.#versions[this.#versions.length - 1]!.timestamp === this.#nextTimestamp
  }

  #at(index: number): FoundVersion {
    const { timestamp, value } = this.#versions[index]!
    const validTo = index === 0 ? this.#nextTimestamp : this.#versions[index - 1]!.timestamp
    return { timestamp, value, index, validTo }
  }
}

/** The end (exclusive) of the newest version's validity in an encoded row. */
export function nextTimestampOf(row: Uint8Array): number {
  return readInt64(row, 0)
}

/** The timestamp of the oldest version in an encoded row. */
export function minTimestampOf(row: Uint8Array): number {
  return readInt64(row, 8)
}
