import { compareBytes } from '../binary-key.ts'
import type { WindowBytesKey, WindowBytesStore } from '../bytes-store.ts'
import { timeKey, timeKeyBytes, timeKeySeqnum, timeKeyTime, timePrefix } from '../key-schema/in-memory-window.ts'
import { MAX_SEQNUM, windowKeyBytes, windowSeqnum, windowStart } from '../key-schema/window.ts'
import { isInverted } from '../key-value/key-value-store.ts'
import { KeyspaceStore } from '../keyspace-store.ts'
import type { Keyspace } from '../state-engine.ts'
import { emptyIterator } from '../step-iterator.ts'
import type { StoreIterator } from '../store-iterator.ts'
import { type TimeSlice, TimeSliceIterator } from './time-slice-iterator.ts'
import { checkWindowOptions, nextSeqnum, type WindowStoreOptions } from './window-options.ts'

/**
 * A window store with the results of Java's in-memory one: a window whose start is not after stream time minus retention is
 * dropped when put, never found, and deleted. Ranges over several keys go by start, then key.
 * @see org.apache.kafka.streams.state.internals.InMemoryWindowStore
 */
export function inMemoryWindowStore(options: WindowStoreOptions): WindowBytesStore {
  checkWindowOptions(options)
  return new InMemoryWindowStore(options)
}

type Windows = StoreIterator<WindowBytesKey, Uint8Array>

class InMemoryWindowStore extends KeyspaceStore implements WindowBytesStore {
  readonly retentionMs: number
  readonly windowSizeMs: number
  readonly retainDuplicates: boolean

  constructor(options: WindowStoreOptions) {
    super(options.name)
    this.retentionMs = options.retentionMs
    this.windowSizeMs = options.windowSizeMs
    this.retainDuplicates = options.retainDuplicates ?? false
  }

  get seqnum(): number {
    return this.open('seqnum').sequence
  }

  put(key: Uint8Array, value: Uint8Array | null, start: number): void {
    const keyspace = this.open('put')
    this.#advance(keyspace, start)
    // Counted even if nothing is kept: the changelog names its record by the same number.
    if (this.retainDuplicates) keyspace.sequence = nextSeqnum(keyspace.sequence)
    if (this.#isExpired(keyspace, start)) {
      this.reportExpired()
    } else if (!this.retainDuplicates) {
      keyspace.put(timeKey(start, key, undefined), value)
    } else if (value !== null) {
      keyspace.put(timeKey(start, key, keyspace.sequence), value)
    }
  }

  restore(key: Uint8Array, value: Uint8Array | null): void {
    const keyspace = this.open('restore')
    const start = windowStart(key)
    this.#advance(keyspace, start)
    if (this.#isExpired(keyspace, start)) return
    const seqnum = this.retainDuplicates ? windowSeqnum(key) : undefined
    if (seqnum !== undefined) keyspace.sequence = Math.max(keyspace.sequence, seqnum)
    keyspace.put(timeKey(start, windowKeyBytes(key), seqnum), value)
  }

  fetchOne(key: Uint8Array, start: number): Uint8Array | null {
    const keyspace = this.open('fetchOne')
    if (this.#isExpired(keyspace, start)) return null
    return keyspace.get(timeKey(start, key, undefined))
  }

  fetch(key: Uint8Array, timeFrom: number, timeTo: number): Windows {
    return this.#slice(key, key, timeFrom, timeTo, true)
  }

  backwardFetch(key: Uint8Array, timeFrom: number, timeTo: number): Windows {
    return this.#slice(key, key, timeFrom, timeTo, false)
  }

  fetchRange(keyFrom: Uint8Array | null, keyTo: Uint8Array | null, timeFrom: number, timeTo: number): Windows {
    return this.#slice(keyFrom, keyTo, timeFrom, timeTo, true)
  }

  backwardFetchRange(keyFrom: Uint8Array | null, keyTo: Uint8Array | null, timeFrom: number, timeTo: number): Windows {
    return this.#slice(keyFrom, keyTo, timeFrom, timeTo, false)
  }

  all(): Windows {
    return this.#slice(null, null, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, true)
  }

  backwardAll(): Windows {
    return this.#slice(null, null, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, false)
  }

  #isExpired(keyspace: Keyspace, start: number): boolean {
    return start <= keyspace.streamTime - this.retentionMs
  }

  #advance(keyspace: Keyspace, timestamp: number): void {
    if (timestamp <= keyspace.streamTime) return
    keyspace.streamTime = timestamp
    const minLive = timestamp - this.retentionMs + 1
    if (minLive > 0) keyspace.deleteRange(null, timePrefix(minLive))
  }

  #slice(
    keyFrom: Uint8Array | null,
    keyTo: Uint8Array | null,
    timeFrom: number,
    timeTo: number,
    forward: boolean,
  ): Windows {
    const keyspace = this.open('fetch')
    if (isInverted(keyFrom, keyTo)) return emptyIterator()
    const from = Math.max(timeFrom, keyspace.streamTime - this.retentionMs + 1)
    if (timeTo < from) return emptyIterator()
    const dups = this.retainDuplicates
    const slice: TimeSlice<WindowBytesKey> = {
      timeFrom: from,
      timeTo,
      forward,
      lower: (time) => (keyFrom === null ? timePrefix(time) : timeKey(time, keyFrom, dups ? 0 : undefined)),
      upper: (time) => (keyTo === null ? null : timeKey(time, keyTo, dups ? MAX_SEQNUM : undefined)),
      timeOf: timeKeyTime,
      accept: (row) => {
        const key = timeKeyBytes(row, dups)
        if (dups && keyFrom !== null && compareBytes(key, keyFrom) < 0) return undefined
        if (dups && keyTo !== null && compareBytes(key, keyTo) > 0) return undefined
        return { key, start: timeKeyTime(row), seqnum: dups ? timeKeySeqnum(row) : 0 }
      },
    }
    return new TimeSliceIterator(keyspace, slice)
  }
}
