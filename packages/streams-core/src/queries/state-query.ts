import type { StoreIterator } from '@millrace/state-stores'
import type { VersionedRecord } from '../state/state-store.ts'
import type { ValueAndTimestamp } from '../state/value-and-timestamp.ts'
import type { Windowed } from '../windows/window.ts'

// Queries are data: what to ask, without the store. The type parameter of StateQuery is the result of one partition.

declare const result: unique symbol

interface Answered<R> {
  readonly [result]?: R
}

/** By serialized key (ranges), or by time (versions). `any`: as the store has it. @see org.apache.kafka.streams.query.ResultOrder */
export type ResultOrder = 'any' | 'ascending' | 'descending'

/** The value of a key, or null. @see org.apache.kafka.streams.query.KeyQuery */
export interface KeyQuery<K, V> extends Answered<V | null> {
  readonly kind: 'KeyQuery'
  readonly key: K
  /** What the store has without its record cache; only `read_uncommitted` sees the cache. */
  readonly skipsCache: boolean
}

/** Entries between two keys, both inclusive; null: open. @see org.apache.kafka.streams.query.RangeQuery */
export interface RangeQuery<K, V> extends Answered<StoreIterator<K, V>> {
  readonly kind: 'RangeQuery'
  readonly lower: K | null
  readonly upper: K | null
  readonly order: ResultOrder
}

/** The value of a key with its timestamp, or null. @see org.apache.kafka.streams.query.TimestampedKeyQuery */
export interface TimestampedKeyQuery<K, V> extends Answered<ValueAndTimestamp<V> | null> {
  readonly kind: 'TimestampedKeyQuery'
  readonly key: K
}

/** As RangeQuery, with timestamps. @see org.apache.kafka.streams.query.TimestampedRangeQuery */
export interface TimestampedRangeQuery<K, V> extends Answered<StoreIterator<K, ValueAndTimestamp<V>>> {
  readonly kind: 'TimestampedRangeQuery'
  readonly lower: K | null
  readonly upper: K | null
  readonly order: ResultOrder
}

/**
 * Windows of a key that start between two times, Unix ms, both inclusive; the iterator's keys are window starts. A store of
 * values with timestamps gives these, as in Java.
 * @see org.apache.kafka.streams.query.WindowKeyQuery
 */
export interface WindowKeyQuery<K, V> extends Answered<StoreIterator<number, V>> {
  readonly kind: 'WindowKeyQuery'
  readonly key: K
  readonly timeFrom: number
  readonly timeTo: number
}

/**
 * Of a window store: windows of all keys that start between two times, Unix ms, both inclusive. Of a session store: all
 * sessions of a key.
 * @see org.apache.kafka.streams.query.WindowRangeQuery
 */
export type WindowRangeQuery<K, V> = Answered<StoreIterator<Windowed<K>, V>> & {
  readonly kind: 'WindowRangeQuery'
} & ({ readonly key: K } | { readonly timeFrom: number; readonly timeTo: number })

/** The version of a key valid at a time (Unix ms; undefined: the newest), or null. @see org.apache.kafka.streams.query.VersionedKeyQuery */
export interface VersionedKeyQuery<K, V> extends Answered<VersionedRecord<V> | null> {
  readonly kind: 'VersionedKeyQuery'
  readonly key: K
  readonly asOf: number | undefined
}

/** Versions of a key valid anywhere between two times, Unix ms, both inclusive. @see org.apache.kafka.streams.query.MultiVersionedKeyQuery */
export interface MultiVersionedKeyQuery<K, V> extends Answered<readonly VersionedRecord<V>[]> {
  readonly kind: 'MultiVersionedKeyQuery'
  readonly key: K
  readonly fromTime: number
  readonly toTime: number
  readonly order: ResultOrder
}

/** Any query, told apart by `kind`. */
export type AnyStateQuery =
  | KeyQuery<unknown, unknown>
  | RangeQuery<unknown, unknown>
  | TimestampedKeyQuery<unknown, unknown>
  | TimestampedRangeQuery<unknown, unknown>
  | WindowKeyQuery<unknown, unknown>
  | WindowRangeQuery<unknown, unknown>
  | VersionedKeyQuery<unknown, unknown>
  | MultiVersionedKeyQuery<unknown, unknown>

/** A query to which one partition answers `R`. @see org.apache.kafka.streams.query.Query */
export interface StateQuery<R> extends Answered<R> {
  readonly kind: AnyStateQuery['kind']
}

interface Ordered {
  readonly order?: ResultOrder
}

export const KeyQuery = {
  withKey: <K, V>(key: K, { skipCache = false }: { readonly skipCache?: boolean } = {}): KeyQuery<K, V> => ({
    kind: 'KeyQuery',
    key,
    skipsCache: skipCache,
  }),
} as const

export const RangeQuery = {
  withRange: <K, V>(lower: K | null, upper: K | null, { order = 'any' }: Ordered = {}): RangeQuery<K, V> => ({
    kind: 'RangeQuery',
    lower,
    upper,
    order,
  }),
  withLowerBound: <K, V>(lower: K, options?: Ordered): RangeQuery<K, V> => RangeQuery.withRange(lower, null, options),
  withUpperBound: <K, V>(upper: K, options?: Ordered): RangeQuery<K, V> => RangeQuery.withRange(null, upper, options),
  withNoBounds: <K, V>(options?: Ordered): RangeQuery<K, V> => RangeQuery.withRange<K, V>(null, null, options),
} as const

export const TimestampedKeyQuery = {
  withKey: <K, V>(key: K): TimestampedKeyQuery<K, V> => ({ kind: 'TimestampedKeyQuery', key }),
} as const

export const TimestampedRangeQuery = {
  withRange: <K, V>(
    lower: K | null,
    upper: K | null,
    { order = 'any' }: Ordered = {},
  ): TimestampedRangeQuery<K, V> => ({
    kind: 'TimestampedRangeQuery',
    lower,
    upper,
    order,
  }),
  withLowerBound: <K, V>(lower: K, options?: Ordered): TimestampedRangeQuery<K, V> =>
    TimestampedRangeQuery.withRange(lower, null, options),
  withUpperBound: <K, V>(upper: K, options?: Ordered): TimestampedRangeQuery<K, V> =>
    TimestampedRangeQuery.withRange(null, upper, options),
  withNoBounds: <K, V>(options?: Ordered): TimestampedRangeQuery<K, V> =>
    TimestampedRangeQuery.withRange<K, V>(null, null, options),
} as const

export const WindowKeyQuery = {
  withKeyAndWindowStartRange: <K, V>(key: K, timeFrom: number, timeTo: number): WindowKeyQuery<K, V> => ({
    kind: 'WindowKeyQuery',
    key,
    timeFrom,
    timeTo,
  }),
} as const

export const WindowRangeQuery = {
  withKey: <K, V>(key: K): WindowRangeQuery<K, V> => ({ kind: 'WindowRangeQuery', key }),
  withWindowStartRange: <K, V>(timeFrom: number, timeTo: number): WindowRangeQuery<K, V> => ({
    kind: 'WindowRangeQuery',
    timeFrom,
    timeTo,
  }),
} as const

export const VersionedKeyQuery = {
  withKey: <K, V>(key: K, { asOf }: { readonly asOf?: number } = {}): VersionedKeyQuery<K, V> => ({
    kind: 'VersionedKeyQuery',
    key,
    asOf,
  }),
} as const

export const MultiVersionedKeyQuery = {
  withKey: <K, V>(
    key: K,
    options: { readonly fromTime?: number; readonly toTime?: number; readonly order?: ResultOrder } = {},
  ): MultiVersionedKeyQuery<K, V> => ({
    kind: 'MultiVersionedKeyQuery',
    key,
    fromTime: options.fromTime ?? 0,
    toTime: options.toTime ?? Number.POSITIVE_INFINITY,
    order: options.order ?? 'any',
  }),
} as const
