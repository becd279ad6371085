import {
  InvalidStateStoreError,
  type KeyValueStore,
  type SessionStore,
  type StateStore,
  type TimestampedKeyValueStore,
  type TimestampedWindowStore,
  type VersionedKeyValueStore,
  type WindowStore,
} from '@millrace/streams-core/internal'
import { PlainKeyValueStore, PlainWindowStore } from './plain-values.ts'

/** The store as a key-value store of plain values, whatever it keeps beside them. */
export function asKeyValueStore<K, V>(store: StateStore): KeyValueStore<K, V> {
  requireKind(store, 'prefixScan', 'key-value')
  return isTimestamped(store)
    ? new PlainKeyValueStore(store as TimestampedKeyValueStore<K, V>)
    : (store as KeyValueStore<K, V>)
}

export function asTimestampedKeyValueStore<K, V>(store: StateStore): TimestampedKeyValueStore<K, V> {
  requireKind(store, 'prefixScan', 'key-value')
  requireTimestamps(store)
  return store as TimestampedKeyValueStore<K, V>
}

export function asVersionedKeyValueStore<K, V>(store: StateStore): VersionedKeyValueStore<K, V> {
  requireKind(store, 'getAsOf', 'versioned key-value')
  return store as VersionedKeyValueStore<K, V>
}

/** The store as a window store of plain values, whatever it keeps beside them. */
export function asWindowStore<K, V>(store: StateStore): WindowStore<K, V> {
  requireKind(store, 'fetchOne', 'window')
  return isTimestamped(store)
    ? new PlainWindowStore(store as TimestampedWindowStore<K, V>)
    : (store as WindowStore<K, V>)
}

export function asTimestampedWindowStore<K, V>(store: StateStore): TimestampedWindowStore<K, V> {
  requireKind(store, 'fetchOne', 'window')
  requireTimestamps(store)
  return store as TimestampedWindowStore<K, V>
}

export function asSessionStore<K, V>(store: StateStore): SessionStore<K, V> {
  requireKind(store, 'findSessions', 'session')
  return store as SessionStore<K, V>
}

function isTimestamped(store: StateStore): boolean {
  return 'isTimestamped' in store && store.isTimestamped === true
}

function requireKind(store: StateStore, method: string, kind: string): void {
  if (method in store) return
  throw new InvalidStateStoreError(store.name, `Store '${store.name}' is no ${kind} store. Ask for it by its own kind.`)
}

function requireTimestamps(store: StateStore): void {
  if (isTimestamped(store)) return
  throw new InvalidStateStoreError(
    store.name,
    `Store '${store.name}' keeps no timestamps with its values. Ask for it without them.`,
  )
}
