import { compareBytes } from '../binary-key.ts'
import type { WindowBytesKey, WindowBytesStore } from '../bytes-store.ts'
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
import { KeyspaceStore, ownCopy } from '../keyspace-store.ts'
import { SegmentIterator } from '../segmented/segment-iterator.ts'
import { Segments } from '../segmented/segments.ts'
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
  return new SegmentedWindowStore(options)
}

type Windows = StoreIterator<WindowBytesKey, Uint8Array>

class SegmentedWindowStore extends KeyspaceStore implements WindowBytesStore {
  readonly retentionMs: number
  readonly windowSizeMs: number
  readonly retainDuplicates: boolean
  readonly #segments: Segments

  constructor(options: SegmentedWindowStoreOptions) {
    super(options.name)
    this.retentionMs = options.retentionMs
    this.windowSizeMs = options.windowSizeMs
    this.retainDuplicates = options.retainDuplicates ?? false
    const interval = options.segmentIntervalMs ?? defaultSegmentInterval(options.retentionMs)
    this.#segments = new Segments(options.retentionMs, checkSegmentInterval(options.name, interval))
  }

  get seqnum(): number {
    return this.open('seqnum').sequence
  }

  put(key: Uint8Array, value: Uint8Array | null, start: number): void {
    const keyspace = this.open('put')
    if (this.retainDuplicates) {
      if (value === null) return
      keyspace.sequence = nextSeqnum(keyspace.sequence)
    }
    if (!this.#write(windowKey(key, start, keyspace.sequence), value, start)) this.reportExpired()
  }

  restore(key: Uint8Array, value: Uint8Array | null): void {
    if (this.retainDuplicates) this.open('restore').sequence = windowSeqnum(key)
    this.#write(key, value === null ? null : ownCopy(value), windowStart(key))
  }

  fetchOne(key: Uint8Array, start: number): Uint8Array | null {
    const keyspace = this.open('fetchOne')
    if (start < keyspace.streamTime - this.retentionMs + 1) return null
    const rowKey = windowKey(key, start, this.retainDuplicates ? keyspace.sequence : 0)
    return this.#segments.get(keyspace, this.#segments.segmentId(start), rowKey)
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

  /** False when the segment of that time has expired. */
  #write(rowKey: Uint8Array, value: Uint8Array | null, timestamp: number): boolean {
    const keyspace = this.open('put')
    this.#segments.advance(keyspace, timestamp)
    const segmentId = this.#segments.segmentId(timestamp)
    if (!this.#segments.isLive(keyspace, segmentId)) return false
    this.#segments.put(keyspace, segmentId, rowKey, value)
    return true
  }

  #fetchKey(key: Uint8Array, timeFrom: number, timeTo: number, forward: boolean): Windows {
    const keyspace = this.open('fetch')
    const from = Math.max(timeFrom, keyspace.streamTime - this.retentionMs + 1)
    if (timeTo < from) return emptyIterator()
    return new SegmentIterator(keyspace, {
      segmentIds: this.#segments.between(keyspace, from, timeTo, forward),
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
    const from = Math.max(timeFrom, keyspace.streamTime - this.retentionMs + 1)
    if (timeTo < from) return emptyIterator()
    return new SegmentIterator(keyspace, {
      segmentIds: this.#segments.between(keyspace, from, timeTo, forward),
      from: windowLowerRange(keyFrom),
      to: windowUpperRange(keyTo, timeTo),
      forward,
      accept: (row) => {
        const start = windowStart(row)
        if (start < from || start > timeTo) return undefined
        const key = windowKeyBytes(row)
        if (keyFrom !== null && compareBytes(key, keyFrom) < 0) return undefined
        if (keyTo !== null && compareBytes(key, keyTo) > 0) return undefined
        return { key, start, seqnum: windowSeqnum(row) }
      },
    })
  }
}
