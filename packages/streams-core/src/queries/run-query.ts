import { MeteredKeyValueStore } from '../state/metered-key-value-store.ts'
import { MeteredSessionStore } from '../state/metered-session-store.ts'
import { MeteredVersionedStore } from '../state/metered-versioned-store.ts'
import { MeteredWindowStore } from '../state/metered-window-store.ts'
import type { ReadOnlyKeyValueStore, StateStore, VersionedRecord } from '../state/state-store.ts'
import type { ValueAndTimestamp } from '../state/value-and-timestamp.ts'
import { plainKeyValueView } from './plain-views.ts'
import type { AnyStateQuery, ResultOrder } from './state-query.ts'

/** The answer of one store; undefined when a store of its kind does not know the query. */
export function runQuery(query: AnyStateQuery, store: StateStore): { readonly result: unknown } | undefined {
  switch (query.kind) {
    case 'KeyQuery': {
      const plain = plainKeyValues(store)
      return plain && { result: plain.get(query.key) }
    }
    case 'RangeQuery': {
      const plain = plainKeyValues(store)
      return plain && { result: range(plain, query) }
    }
    case 'TimestampedKeyQuery': {
      const timestamped = timestampedKeyValues(store)
      return timestamped && { result: timestamped.get(query.key) }
    }
    case 'TimestampedRangeQuery': {
      const timestamped = timestampedKeyValues(store)
      return timestamped && { result: range(timestamped, query) }
    }
    case 'WindowKeyQuery':
      if (!(store instanceof MeteredWindowStore)) return undefined
      return { result: store.fetch(query.key, query.timeFrom, query.timeTo) }
    case 'WindowRangeQuery':
      if ('key' in query) return store instanceof MeteredSessionStore ? { result: store.fetch(query.key) } : undefined
      if (!(store instanceof MeteredWindowStore)) return undefined
      return { result: store.fetchAll(query.timeFrom, query.timeTo) }
    case 'VersionedKeyQuery':
      if (!(store instanceof MeteredVersionedStore)) return undefined
      return { result: query.asOf === undefined ? store.get(query.key) : store.getAsOf(query.key, query.asOf) }
    case 'MultiVersionedKeyQuery': {
      if (!(store instanceof MeteredVersionedStore)) return undefined
      const versions = store.getRange(query.key, query.fromTime, query.toTime, query.order === 'ascending')
      return { result: Array.from(versions, ([, version]): VersionedRecord<unknown> => version) }
    }
  }
}

function plainKeyValues(store: StateStore): ReadOnlyKeyValueStore<unknown, unknown> | undefined {
  if (!(store instanceof MeteredKeyValueStore)) return undefined
  return store.isTimestamped ? plainKeyValueView(store) : store
}

function timestampedKeyValues(
  store: StateStore,
): ReadOnlyKeyValueStore<unknown, ValueAndTimestamp<unknown>> | undefined {
  return store instanceof MeteredKeyValueStore && store.isTimestamped ? store : undefined
}

function range<V>(
  store: ReadOnlyKeyValueStore<unknown, V>,
  query: { readonly lower: unknown; readonly upper: unknown; readonly order: ResultOrder },
) {
  return query.order === 'descending'
    ? store.reverseRange(query.lower, query.upper)
    : store.range(query.lower, query.upper)
}
