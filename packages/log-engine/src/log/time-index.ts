import type { FileSystem } from '../file-system.ts'
import { IndexFile } from './index-file.ts'

const entryBytes = 12

/** A timestamp and where it was first reached. */
export interface TimestampOffset {
  /** Unix ms. */
  readonly timestamp: number
  readonly offset: number
}

/**
 * The greatest timestamp up to a batch, one entry beside each entry of the offset index.
 *
 *   | greatest timestamp so far, int64 | last offset of the batch that holds it, relative to the base offset, int32 |
 *
 * @see org.apache.kafka.storage.internals.log.TimeIndex (same bytes)
 */
export class TimeIndex {
  readonly file: IndexFile
  readonly #baseOffset: number

  constructor(fileSystem: FileSystem, path: string, baseOffset: number) {
    this.file = new IndexFile(fileSystem, path, entryBytes)
    this.#baseOffset = baseOffset
  }

  /** Does nothing unless the timestamp is above the last entry's. */
  maybeAppend(timestamp: number, offset: number): void {
    if (this.file.count > 0 && timestamp <= this.lastEntry()!.timestamp) return
    const at = this.file.add()
    this.file.view.setBigInt64(at, BigInt(timestamp))
    this.file.view.setInt32(at + 8, offset - this.#baseOffset)
  }

  lastEntry(): TimestampOffset | undefined {
    return this.file.count === 0
      ? undefined
      : this.file.entry(this.file.count - 1, (view, at) => this.#decode(view, at))
  }

  /** An offset before which no record has a timestamp at or above this one. */
  lookup(timestamp: number): number {
    const count = this.file.countWhile((view, at) => Number(view.getBigInt64(at)) < timestamp)
    return count === 0 ? this.#baseOffset : this.file.entry(count - 1, (view, at) => this.#decode(view, at)).offset
  }

  /** Drops the entries above an offset. */
  keepToOffset(offset: number): void {
    const relative = offset - this.#baseOffset
    this.file.truncate(this.file.countWhile((view, at) => view.getInt32(at + 8) <= relative))
  }

  /** Whether timestamps rise and offsets do not fall. For an index that is in memory. */
  isSane(): boolean {
    let last: TimestampOffset = { timestamp: Number.NEGATIVE_INFINITY, offset: this.#baseOffset }
    for (let at = 0; at < this.file.count * entryBytes; at += entryBytes) {
      const entry = this.#decode(this.file.view, at)
      if (entry.timestamp <= last.timestamp || entry.offset < last.offset) return false
      last = entry
    }
    return true
  }

  #decode(view: DataView, at: number): TimestampOffset {
    return { timestamp: Number(view.getBigInt64(at)), offset: this.#baseOffset + view.getInt32(at + 8) }
  }
}
