import { compareBytes } from '../binary-key.ts'
import type { WindowBytesKey, WindowBytesStore } from '../bytes-store.ts'
import {
  timeFirstWindowKey,
  timeFirstWindowKeyBytes,
  timeFirstWindowSeqnum,
  timeFirstWindowStart,
} from '../key-schema/time-first.ts'
import {
  MAX_SEQNUM,
  windowKey,
  windowKeyBytes,
  windowLowerRange,
  windowSeqnum,
  windowStart,
  windowUpperRange,
} from '../key-schema/window.ts'
import { isInverted } from '../key-value/key-value-store.ts'
import { KeyspaceStore } from '../keyspace-store.ts'
import { IndexedIterator } from '../segmented/indexed-iterator.ts'
import { SegmentIterator } from '../segmented/segment-iterator.ts'
import { SegmentedRows } from '../segmented/segmented-rows.ts'
import { emptyIterator } from '../step-iterator.ts'
import type { StoreIterator } from '../store-iterator.ts'
import {
  checkSegmentInterval,
  checkWindowOptions,
  defaultSegmentInterval,
  nextSeqnum,
  type WindowStoreOptions,
} from './window-options.ts'

/** Settings of a window store in segments. */
export interface SegmentedWindowStoreOptions extends WindowStoreOptions {
  /** Default: half the retention, at least 60,000 ms. */
  readonly segmentIntervalMs?: number
}

/**
 * A window store in segments, with the results of Java's persistent one: a put is dropped when its whole segment has expired; a
 * read finds a window whose start is after stream time minus retention. Ranges over several keys go by segment, then key, then
 * start.
 * @see org.apache.kafka.streams.state.internals.RocksDBWindowStore, AbstractRocksDBSegmentedBytesStore
 */
export function segmentedWindowStore(options: SegmentedWindowStoreOptions): WindowBytesStore {
  checkWindowOptions(options)
  return new SegmentedWindowStore(options, false)
}

/**
 * A window store in segments with a time index, for aggregations that emit on window close. Ranges over several keys go by
 * start, then key; a read also finds a window whose start is exactly stream time minus retention.
 * @see org.apache.kafka.streams.state.internals.RocksDBTimeOrderedWindowStore — which stores values by time and indexes keys.
 */
export function timeOrderedWindowStore(options: SegmentedWindowStoreOptions): WindowBytesStore {
  checkWindowOptions(options)
  return new SegmentedWindowStore(options, true)
}

type Windows = StoreIterator<WindowBytesKey, Uint8Array>

class SegmentedWindowStore extends KeyspaceStore implements WindowBytesStore {
  readonly retentionMs: number
  readonly windowSizeMs: number
  readonly retainDuplicates: boolean
  readonly segmentIntervalMs: number
  readonly isTimeOrdered: boolean
  readonly #rows: SegmentedRows

  constructor(options: SegmentedWindowStoreOptions, isTimeOrdered: boolean) {
    super(options.name)
    this.retentionMs = options.retentionMs
    this.windowSizeMs = options.windowSizeMs
    this.retainDuplicates = options.retainDuplicates ?? false
    this.isTimeOrdered = isTimeOrdered
    const interval = options.segmentIntervalMs ?? defaultSegmentInterval(options.retentionMs)
    this.segmentIntervalMs = checkSegmentInterval(options.name, interval)
    this.#rows = new SegmentedRows(options.retentionMs, interval, isTimeOrdered ? timeIndexKey : undefined)
  }

  get seqnum(): number {
    return this.open('seqnum').sequence
  }

  put(key: Uint8Array, value: Uint8Array | null, start: number): void {
    const keyspace = this.open('put')
    if (this.retainDuplicates) {
      // Counted even if nothing is kept: the changelog names its record by the same number.
      keyspace.sequence = nextSeqnum(keyspace.sequence)
      if (value === null) return
    }
    const seqnum = this.retainDuplicates ? keyspace.sequence : 0
    if (!this.#rows.write(keyspace, windowKey(key, start, seqnum), value, start)) this.reportExpired()
  }

  restore(key: Uint8Array, value: Uint8Array | null): void {
    const keyspace = this.open('restore')
    if (this.retainDuplicates) keyspace.sequence = Math.max(keyspace.sequence, windowSeqnum(key))
    this.#rows.write(keyspace, key, value, windowStart(key))
  }

  fetchOne(key: Uint8Array, start: number): Uint8Array | null {
    const keyspace = this.open('fetchOne')
    if (start < this.#minReadable(keyspace.streamTime)) return null
    return this.#rows.read(keyspace, windowKey(key, start, this.retainDuplicates ? keyspace.sequence : 0), start)
  }

  fetch(key: Uint8Array, timeFrom: number, timeTo: number): Windows {
    return this.#fetchKey(key, timeFrom, timeTo, true)
  }

  backwardFetch(key: Uint8Array, timeFrom: number, timeTo: number): Windows {
    return this.#fetchKey(key, timeFrom, timeTo, false)
  }

  fetchRange(keyFrom: Uint8Array | null, keyTo: Uint8Array | null, timeFrom: number, timeTo: number): Windows {
    return this.#fetchKeys(keyFrom, keyTo, timeFrom, timeTo, true)
  }

  backwardFetchRange(keyFrom: Uint8Array | null, keyTo: Uint8Array | null, timeFrom: number, timeTo: number): Windows {
    return this.#fetchKeys(keyFrom, keyTo, timeFrom, timeTo, false)
  }

  all(): Windows {
    return this.#fetchKeys(null, null, 0, Number.POSITIVE_INFINITY, true)
  }

  backwardAll(): Windows {
    return this.#fetchKeys(null, null, 0, Number.POSITIVE_INFINITY, false)
  }

  #minReadable(streamTime: number): number {
    return streamTime - this.retentionMs + (this.isTimeOrdered ? 0 : 1)
  }

  #fetchKey(key: Uint8Array, timeFrom: number, timeTo: number, forward: boolean): Windows {
    const keyspace = this.open('fetch')
    const from = Math.max(timeFrom, this.#minReadable(keyspace.streamTime))
    if (timeTo < from) return emptyIterator()
    const { segments } = this.#rows
    return new SegmentIterator<WindowBytesKey>(keyspace, {
      segments,
      segmentIds: segments.between(keyspace, from, timeTo, forward),
      space: 'rows',
      from: windowKey(key, Math.max(0, from), 0),
      to: windowKey(key, timeTo, MAX_SEQNUM),
      forward,
      accept: (row) => {
        const start = windowStart(row)
        if (start < from || start > timeTo) return undefined
        // A longer key can fall between two windows of this one.
        return compareBytes(windowKeyBytes(row), key) === 0 ? { key, start, seqnum: windowSeqnum(row) } : undefined
      },
    })
  }

  #fetchKeys(
    keyFrom: Uint8Array | null,
    keyTo: Uint8Array | null,
    timeFrom: number,
    timeTo: number,
    forward: boolean,
  ): Windows {
    const keyspace = this.open('fetchRange')
    if (isInverted(keyFrom, keyTo)) return emptyIterator()
    const from = Math.max(timeFrom, this.#minReadable(keyspace.streamTime))
    if (timeTo < from) return emptyIterator()
    const { segments } = this.#rows
    const segmentIds = segments.between(keyspace, from, timeTo, forward)
    const isWanted = (key: Uint8Array, start: number) =>
      start >= from &&
      start <= timeTo &&
      (keyFrom === null || compareBytes(key, keyFrom) >= 0) &&
      (keyTo === null || compareBytes(key, keyTo) <= 0)
    if (!this.isTimeOrdered) {
      return new SegmentIterator<WindowBytesKey>(keyspace, {
        segments,
        segmentIds,
        space: 'rows',
        from: windowLowerRange(keyFrom),
        to: windowUpperRange(keyTo, timeTo),
        forward,
        accept: (row) => {
          const key = windowKeyBytes(row)
          const start = windowStart(row)
          return isWanted(key, start) ? { key, start, seqnum: windowSeqnum(row) } : undefined
        },
      })
    }
    const index = new SegmentIterator<WindowBytesKey>(keyspace, {
      segments,
      segmentIds,
      space: 'timeIndex',
      from: timeFirstWindowKey(new Uint8Array(), Math.max(0, from), 0).subarray(0, 8),
      to: timeTo >= keyspace.streamTime ? null : timeFirstWindowKey(new Uint8Array(), timeTo + 1, 0).subarray(0, 8),
      forward,
      accept: (row) => {
        const key = timeFirstWindowKeyBytes(row)
        const start = timeFirstWindowStart(row)
        return isWanted(key, start) ? { key, start, seqnum: timeFirstWindowSeqnum(row) } : undefined
      },
    })
    return new IndexedIterator(index, ({ key, start, seqnum }) =>
      this.#rows.read(keyspace, windowKey(key, start, seqnum), start),
    )
  }
}

function timeIndexKey(row: Uint8Array): Uint8Array {
  return timeFirstWindowKey(windowKeyBytes(row), windowStart(row), windowSeqnum(row))
}
