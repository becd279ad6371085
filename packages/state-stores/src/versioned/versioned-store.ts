import type { VersionedBytes, VersionedBytesStore } from '../bytes-store.ts'
import { KeyspaceStore } from '../keyspace-store.ts'
import { Segments } from '../segmented/segments.ts'
import { ListIterator } from '../step-iterator.ts'
import { StoreConfigError } from '../store-error.ts'
import type { StoreIterator } from '../store-iterator.ts'
import { checkSegmentInterval } from '../window/window-options.ts'
import { NOT_PUT, putVersion } from './put-version.ts'
import { minTimestampOf, nextTimestampOf, VersionRow } from './version-row.ts'
import { VersionedRows } from './versioned-rows.ts'

/** Settings of a versioned store. */
export interface VersionedStoreOptions {
  readonly name: string
  /** How long old versions are kept, and how late a record may come, ms before stream time. */
  readonly historyRetentionMs: number
  /** Default: a part of the history retention, as in Java. */
  readonly segmentIntervalMs?: number
}

/**
 * A store of the versions of each key over a time. The newest version of a key never expires; older ones are found for times up
 * to stream time minus the history retention, and puts and deletes older than that are dropped and reported.
 * @see org.apache.kafka.streams.state.internals.RocksDBVersionedStore, KIP-889 — its `getRange` misses versions that end in a
 * later segment than the end of the range; ours does not.
 */
export function versionedStore(options: VersionedStoreOptions): VersionedBytesStore {
  const { name, historyRetentionMs } = options
  if (!(historyRetentionMs >= 0)) {
    throw new StoreConfigError(name, `historyRetentionMs is ${historyRetentionMs}`, 'Give milliseconds, 0 or more')
  }
  return new VersionedStore(options)
}

class VersionedStore extends KeyspaceStore implements VersionedBytesStore {
  readonly historyRetentionMs: number
  readonly #segments: Segments

  constructor(options: VersionedStoreOptions) {
    super(options.name)
    this.historyRetentionMs = options.historyRetentionMs
    const interval = options.segmentIntervalMs ?? defaultInterval(options.historyRetentionMs)
    this.#segments = new Segments(options.historyRetentionMs, checkSegmentInterval(options.name, interval))
  }

  put(key: Uint8Array, value: Uint8Array | null, timestamp: number): number | undefined {
    const rows = this.#rows('put')
    if (this.#isExpired(rows, timestamp)) {
      this.reportExpired()
      return NOT_PUT
    }
    rows.advance(timestamp)
    return putVersion(rows, key, value, timestamp)
  }

  delete(key: Uint8Array, timestamp: number): VersionedBytes | null {
    const rows = this.#rows('delete')
    if (this.#isExpired(rows, timestamp)) {
      this.reportExpired()
      return null
    }
    const before = this.getAsOf(key, timestamp)
    rows.advance(timestamp)
    putVersion(rows, key, null, timestamp)
    return before
  }

  restore(key: Uint8Array, value: Uint8Array | null, timestamp: number): void {
    const rows = this.#rows('restore')
    if (this.#isExpired(rows, timestamp)) return
    rows.advance(timestamp)
    putVersion(rows, key, value, timestamp)
  }

  get(key: Uint8Array): VersionedBytes | null {
    const latest = this.#rows('get').latest(key)
    return latest === null ? null : { ...latest, validTo: undefined }
  }

  getAsOf(key: Uint8Array, asOf: number): VersionedBytes | null {
    const rows = this.#rows('getAsOf')
    const latest = rows.latest(key)
    if (latest !== null && latest.timestamp <= asOf) return { ...latest, validTo: undefined }
    if (this.#isExpired(rows, asOf)) return null
    for (const segmentId of rows.segmentIds(asOf, false)) {
      const row = rows.row(segmentId, key)
      if (row === null) continue
      if (nextTimestampOf(row) <= asOf) return null
      if (minTimestampOf(row) > asOf) continue
      const { value, timestamp, validTo } = VersionRow.decode(row).find(asOf)
      return value === null ? null : { value, timestamp, validTo }
    }
    return null
  }

  getRange(key: Uint8Array, from: number, to: number, ascending: boolean): StoreIterator<Uint8Array, VersionedBytes> {
    const rows = this.#rows('getRange')
    const found: [Uint8Array, VersionedBytes][] = []
    const latest = rows.latest(key)
    if (latest !== null && latest.timestamp <= to) found.push([key, { ...latest, validTo: undefined }])
    const segmentIds = this.#isExpired(rows, to) ? [] : rows.segmentIds(from, false)
    for (const segmentId of segmentIds) {
      const row = rows.row(segmentId, key)
      if (row === null) continue
      for (const { value, timestamp, validTo } of VersionRow.decode(row).findAll(from, to)) {
        found.push([key, { value: value!, timestamp, validTo }])
      }
    }
    return new ListIterator(ascending ? found.reverse() : found)
  }

  #rows(operation: string): VersionedRows {
    return new VersionedRows(this.open(operation), this.#segments)
  }

  #isExpired(rows: VersionedRows, timestamp: number): boolean {
    return timestamp < rows.streamTime - this.historyRetentionMs
  }
}

/** Java's choice. Ms. */
function defaultInterval(historyRetentionMs: number): number {
  const part = (count: number, least: number) => Math.max(Math.trunc(historyRetentionMs / count), least)
  if (historyRetentionMs <= 60_000) return part(3, 2_000)
  if (historyRetentionMs <= 300_000) return part(5, 20_000)
  if (historyRetentionMs <= 3_600_000) return part(12, 60_000)
  return part(24, 300_000)
}
