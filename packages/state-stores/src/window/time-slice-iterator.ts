import { compareBytes } from '../binary-key.ts'
import { timePrefix } from '../key-schema/in-memory-window.ts'
import type { RangeSource, SkippingIterator } from '../range-source.ts'
import { StepIterator } from '../step-iterator.ts'

/** A range of keys in each of a range of times, over rows ordered by time, then key. */
export interface TimeSlice<K> {
  /** Unix ms, both inclusive. */
  readonly timeFrom: number
  readonly timeTo: number
  readonly forward: boolean
  /** The bounds of a time's rows, inclusive; an upper bound of null: all rows of that time. */
  readonly lower: (time: number) => Uint8Array
  readonly upper: (time: number) => Uint8Array | null
  readonly timeOf: (row: Uint8Array) => number
  /** The decoded key, or undefined if the row is not part of the result. */
  readonly accept: (row: Uint8Array) => K | undefined
}

/** Walks a time slice, leaping over the keys outside of the range of keys. */
export class TimeSliceIterator<K, V> extends StepIterator<K, V> {
  readonly #source: RangeSource<V>
  readonly #slice: TimeSlice<K>
  #rows: SkippingIterator<V>

  constructor(source: RangeSource<V>, slice: TimeSlice<K>) {
    super()
    this.#source = source
    this.#slice = slice
    this.#rows = slice.forward ? this.#openAt(slice.lower(slice.timeFrom)) : this.#openAt(this.#top(slice.timeTo))
  }

  protected override step(): [K, V] | undefined {
    const slice = this.#slice
    for (;;) {
      const row = this.#rows.peekNextKey()
      if (row === undefined) return undefined
      const time = slice.timeOf(row)
      if (time < slice.timeFrom || time > slice.timeTo) return undefined
      const upper = slice.upper(time)
      if (compareBytes(row, slice.lower(time)) < 0) {
        this.#leap(row, slice.forward ? slice.lower(time) : this.#top(time - 1))
      } else if (upper !== null && compareBytes(row, upper) > 0) {
        this.#leap(row, slice.forward ? slice.lower(time + 1) : upper)
      } else {
        const key = slice.accept(row)
        if (key !== undefined) return [key, this.#rows.next().value[1]]
        this.#rows.skip()
      }
    }
  }

  protected override release(): void {
    this.#rows.close()
  }

  /** Goes on from a row key, without coming back to the row where we are. */
  #leap(row: Uint8Array, to: Uint8Array): void {
    if (compareBytes(row, to) === 0) {
      this.#rows.skip()
      return
    }
    this.#rows.close()
    this.#rows = this.#openAt(to)
  }

  #openAt(position: Uint8Array): SkippingIterator<V> {
    const { forward, timeFrom, timeTo } = this.#slice
    if (forward) return this.#source.range(position, this.#top(timeTo))
    return this.#source.range(this.#slice.lower(timeFrom), position, true)
  }

  /** Not before any row of that time which is in the slice. */
  #top(time: number): Uint8Array {
    return this.#slice.upper(time) ?? timePrefix(time + 1)
  }
}
