import type { Keyspace, KeyspaceIterator } from '../state-engine.ts'
import { StepIterator } from '../step-iterator.ts'
import type { RowSpace, Segments } from './segments.ts'

/** What a walk over segments looks for. */
export interface SegmentSearch<K> {
  readonly segments: Segments
  /** Segment ids in the order of the walk. */
  readonly segmentIds: readonly number[]
  readonly space: RowSpace
  /** Row keys, inclusive; null: open. */
  readonly from: Uint8Array | null
  readonly to: Uint8Array | null
  readonly forward: boolean
  /** The decoded key of a row that belongs to the result; undefined: not this row. */
  readonly accept: (rowKey: Uint8Array) => K | undefined
}

/** The rows of several segments, one segment after the other. Values of rows that are not accepted are not read. */
export class SegmentIterator<K> extends StepIterator<K, Uint8Array> {
  readonly #keyspace: Keyspace
  readonly #search: SegmentSearch<K>
  #nextSegment = 0
  #rows: KeyspaceIterator | undefined

  constructor(keyspace: Keyspace, search: SegmentSearch<K>) {
    super()
    this.#keyspace = keyspace
    this.#search = search
  }

  protected override step(): [K, Uint8Array] | undefined {
    const { segments, accept } = this.#search
    for (;;) {
      this.#rows ??= this.#openNextSegment()
      const rows = this.#rows
      if (rows === undefined) return undefined
      for (let row = rows.peekNextKey(); row !== undefined; row = rows.peekNextKey()) {
        const key = accept(segments.rowKey(row))
        if (key !== undefined) return [key, rows.next().value[1]]
        rows.skip()
      }
      this.release()
    }
  }

  protected override release(): void {
    this.#rows?.close()
    this.#rows = undefined
  }

  #openNextSegment(): KeyspaceIterator | undefined {
    const { segments, segmentIds, space, from, to, forward } = this.#search
    const id = segmentIds[this.#nextSegment++]
    if (id === undefined) return undefined
    return this.#keyspace.range(segments.lowerBound(id, from, space), segments.upperBound(id, to, space), !forward)
  }
}
