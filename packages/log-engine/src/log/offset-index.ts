import type { FileSystem } from '../file-system.ts'
import { IndexFile } from './index-file.ts'

const entryBytes = 8

/**
 * Where batches begin in a segment, about one entry per `index.interval.bytes`.
 *
 *   | offset of the batch's last record, relative to the segment's base offset, int32 | position of the batch, int32 |
 *
 * @see org.apache.kafka.storage.internals.log.OffsetIndex (same bytes)
 */
export class OffsetIndex {
  readonly file: IndexFile
  readonly #baseOffset: number

  constructor(fileSystem: FileSystem, path: string, baseOffset: number) {
    this.file = new IndexFile(fileSystem, path, entryBytes)
    this.#baseOffset = baseOffset
  }

  append(lastOffset: number, position: number): void {
    const at = this.file.add()
    this.file.view.setInt32(at, lastOffset - this.#baseOffset)
    this.file.view.setInt32(at + 4, position)
  }

  /** Position of a batch that begins at or before `offset`, of so many entries earlier; 0 when no entry is that low. */
  lookup(offset: number, earlier = 0): number {
    const relative = offset - this.#baseOffset
    const count = this.file.countWhile((view, at) => view.getInt32(at) <= relative) - earlier
    return count <= 0 ? 0 : this.file.entry(count - 1, (view, at) => view.getInt32(at + 4))
  }

  /** Drops the entries of batches after `position`; returns the last that is left. */
  keepToPosition(position: number): { readonly offset: number; readonly position: number } | undefined {
    const count = this.file.countWhile((view, at) => view.getInt32(at + 4) <= position)
    this.file.truncate(count)
    if (count === 0) return undefined
    return this.file.entry(count - 1, (view, at) => ({
      offset: this.#baseOffset + view.getInt32(at),
      position: view.getInt32(at + 4),
    }))
  }

  /** Whether offsets and positions rise, and positions lie within the segment. For an index that is in memory. */
  isSane(segmentBytes: number): boolean {
    let lastOffset = -1
    let lastPosition = -1
    for (let at = 0; at < this.file.count * entryBytes; at += entryBytes) {
      const offset = this.file.view.getInt32(at)
      const position = this.file.view.getInt32(at + 4)
      if (offset <= lastOffset || position <= lastPosition || position >= segmentBytes) return false
      lastOffset = offset
      lastPosition = position
    }
    return true
  }
}
