import { InvalidStateStoreError } from '../../errors.ts'
import { MeteredKeyValueStore } from '../../state/metered-key-value-store.ts'
import { MeteredSessionStore } from '../../state/metered-session-store.ts'
import { MeteredVersionedStore } from '../../state/metered-versioned-store.ts'
import { MeteredWindowStore } from '../../state/metered-window-store.ts'
import type { StateStore, VersionedRecord } from '../../state/state-store.ts'
import type { ValueAndTimestamp } from '../../state/value-and-timestamp.ts'
import type { Window, Windowed } from '../../windows/window.ts'
import { HttpError } from './http-error.ts'
import type { QueryRequest } from './query-request.ts'

/** What one row of an answer has; fields that the kind of store has not are absent. Times are Unix ms. */
export interface AnswerEntry {
  readonly key: unknown
  readonly value: unknown
  readonly window?: Window
  /** Of a store of values with timestamps, or of versions. */
  readonly timestamp?: number
  /** Of a version: when the next one began; absent: it is the newest. */
  readonly validTo?: number
}

/** How a question reads one store. `key` is null where the question is about all keys. */
export type StoreReader = (store: StateStore, key: unknown, request: QueryRequest) => Iterable<AnswerEntry>

/** The questions that are about entries, by the last part of their path. */
export const storeReaders = {
  /** The value of a key: one entry or none. */
  value: (store, key, request) => {
    requireKey(key)
    if (store instanceof MeteredVersionedStore) {
      const version = request.has('asOf') ? store.getAsOf(key, request.number('asOf', 0)) : store.get(key)
      return version === null ? [] : [versionEntry(key, version)]
    }
    if (!(store instanceof MeteredKeyValueStore)) throw wrongKind(store, 'value', 'windows or sessions')
    const row: unknown = store.get(key)
    return row === null ? [] : [entry(store.isTimestamped, key, row)]
  },
  /** Entries between two keys. */
  range: function* (store, _key, request) {
    if (!(store instanceof MeteredKeyValueStore)) throw wrongKind(store, 'range', 'windows, sessions or versions')
    const [from, to] = [request.key('from', store.keySerde), request.key('to', store.keySerde)]
    const rows = request.isDescending ? store.reverseRange(from, to) : store.range(from, to)
    for (const [key, row] of rows) yield entry(store.isTimestamped, key, row)
  },
  /** Windows, of one key or of all, that start between two times. */
  windows: function* (store, key, request) {
    if (!(store instanceof MeteredWindowStore)) throw wrongKind(store, 'windows', 'value, sessions or versions')
    const [from, to] = [request.number('from', 0), request.number('to', Number.MAX_SAFE_INTEGER)]
    const rows = request.isDescending
      ? store.backwardFetchRange(key, key, from, to)
      : store.fetchRange(key, key, from, to)
    for (const [windowed, row] of rows) yield windowedEntry(store.isTimestamped, windowed, row)
  },
  /** Sessions, of one key or of all, that touch the time between two times. */
  sessions: function* (store, key, request) {
    if (!(store instanceof MeteredSessionStore)) throw wrongKind(store, 'sessions', 'value, windows or versions')
    const [from, to] = [request.number('from', 0), request.number('to', Number.MAX_SAFE_INTEGER)]
    const rows = request.isDescending
      ? store.backwardFindSessionsRange(key, key, from, to)
      : store.findSessionsRange(key, key, from, to)
    for (const [windowed, row] of rows) yield windowedEntry(store.isTimestamped, windowed, row)
  },
  /** Versions of a key that were valid between two times. */
  versions: function* (store, key, request) {
    requireKey(key)
    if (!(store instanceof MeteredVersionedStore)) throw wrongKind(store, 'versions', 'value, windows or sessions')
    const [from, to] = [request.number('from', 0), request.number('to', Number.MAX_SAFE_INTEGER)]
    for (const [, version] of store.getRange(key, from, to, !request.isDescending)) yield versionEntry(key, version)
  },
} as const satisfies { readonly [question: string]: StoreReader }

/** The name of a question about entries. */
export type EntryQuestion = keyof typeof storeReaders

function entry(isTimestamped: boolean, key: unknown, row: unknown): AnswerEntry {
  if (!isTimestamped) return { key, value: row }
  const { value, timestamp } = row as ValueAndTimestamp<unknown>
  return { key, value, timestamp }
}

function windowedEntry(isTimestamped: boolean, { key, window }: Windowed<unknown>, row: unknown): AnswerEntry {
  return { ...entry(isTimestamped, key, row), window }
}

function versionEntry(key: unknown, { value, timestamp, validTo }: VersionedRecord<unknown>): AnswerEntry {
  return { key, value, timestamp, ...(validTo === undefined ? {} : { validTo }) }
}

function requireKey(key: unknown): void {
  if (key === null)
    throw new HttpError(400, 'BAD_REQUEST', "Parameter 'key' is missing; this question is about one key.")
}

function wrongKind(store: StateStore, question: string, others: string): InvalidStateStoreError {
  return new InvalidStateStoreError(
    store.name,
    `Store '${store.name}' has no '${question}': it is a store of another kind. Ask for ${others}.`,
  )
}
