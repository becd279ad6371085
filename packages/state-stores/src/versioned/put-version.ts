import { minTimestampOf, nextTimestampOf, VersionRow } from './version-row.ts'
import type { VersionedRows } from './versioned-rows.ts'

/** What a put gives when the version was too old to be kept. */
export const NOT_PUT = -1

/**
 * Puts a version where it belongs: newest of its key, or into the segment of its `validTo`, which is the timestamp of the next
 * newer version. The version before it now ends at its timestamp, and may have to move to an older segment.
 *
 * Gives the version's `validTo`: undefined when it is the newest, {@link NOT_PUT} when its segment has expired.
 * @see org.apache.kafka.streams.state.internals.RocksDBVersionedStore#doPut
 */
export function putVersion(
  rows: VersionedRows,
  key: Uint8Array,
  value: Uint8Array | null,
  timestamp: number,
): number | undefined {
  const latest = rows.latest(key)
  if (latest !== null && timestamp >= latest.timestamp) {
    if (timestamp > latest.timestamp) endVersion(rows, key, latest.value, latest.timestamp, timestamp)
    rows.putLatest(key, value, timestamp)
    return undefined
  }
  let next = latest?.timestamp
  for (const segmentId of rows.segmentIds(timestamp, false)) {
    const row = rows.row(segmentId, key)
    if (row === null) continue
    if (nextTimestampOf(row) <= timestamp) break
    const oldest = minTimestampOf(row)
    if (oldest <= timestamp) return putIntoRow(rows, key, value, timestamp, segmentId, row)
    next = oldest
  }
  return next === undefined ? putNewest(rows, key, value, timestamp) : putBefore(rows, key, value, timestamp, next)
}

/** Files a version that was valid until now under the segment of its end, unless that has expired. */
function endVersion(
  rows: VersionedRows,
  key: Uint8Array,
  value: Uint8Array | null,
  timestamp: number,
  validTo: number,
): void {
  const segmentId = rows.segments.segmentId(validTo)
  if (!rows.isLive(segmentId)) return
  const bytes = rows.row(segmentId, key)
  if (bytes === null) {
    rows.putRow(segmentId, key, VersionRow.of(value, timestamp, validTo).encode())
    return
  }
  const row = VersionRow.decode(bytes)
  row.insertAsLatest(timestamp, validTo, value)
  rows.putRow(segmentId, key, row.encode())
}

/** The time of the version lies within this row. */
function putIntoRow(
  rows: VersionedRows,
  key: Uint8Array,
  value: Uint8Array | null,
  timestamp: number,
  segmentId: number,
  bytes: Uint8Array,
): number {
  const row = VersionRow.decode(bytes)
  const before = row.find(timestamp)
  if (before.timestamp === timestamp) {
    row.replace(timestamp, value, before.index)
  } else if (rows.segments.segmentId(timestamp) !== segmentId) {
    endVersion(rows, key, before.value, before.timestamp, timestamp)
    row.replace(timestamp, value, before.index)
  } else {
    row.insert(timestamp, value, before.index)
  }
  rows.putRow(segmentId, key, row.encode())
  return before.validTo
}

/** Nothing newer is known of the key. A tombstone is not kept as latest version, which never expires, but in a segment. */
function putNewest(
  rows: VersionedRows,
  key: Uint8Array,
  value: Uint8Array | null,
  timestamp: number,
): number | undefined {
  if (value !== null) {
    rows.putLatest(key, value, timestamp)
    return undefined
  }
  const segmentId = rows.segments.segmentId(timestamp)
  if (!rows.isLive(segmentId)) return NOT_PUT
  const bytes = rows.row(segmentId, key)
  if (bytes === null) {
    rows.putRow(segmentId, key, VersionRow.of(null, timestamp, timestamp).encode())
    return undefined
  }
  // A row that ends at this time says already that nothing is valid from here on.
  if (nextTimestampOf(bytes) === timestamp) return undefined
  const row = VersionRow.decode(bytes)
  row.insertAsLatest(nextTimestampOf(bytes), timestamp, null)
  rows.putRow(segmentId, key, row.encode())
  return undefined
}

/** The version ends where the next one, which lies in a newer segment or is the latest, begins. */
function putBefore(
  rows: VersionedRows,
  key: Uint8Array,
  value: Uint8Array | null,
  timestamp: number,
  next: number,
): number {
  const segmentId = rows.segments.segmentId(next)
  if (!rows.isLive(segmentId)) return NOT_PUT
  const bytes = rows.row(segmentId, key)
  if (bytes === null) {
    rows.putRow(segmentId, key, VersionRow.of(value, timestamp, next).encode())
    return next
  }
  const row = VersionRow.decode(bytes)
  if (nextTimestampOf(bytes) <= timestamp) row.insertAsLatest(timestamp, next, value)
  else row.insertAsEarliest(timestamp, value)
  rows.putRow(segmentId, key, row.encode())
  return next
}
