import type { Serde } from '@millrace/serdes'
import type { DslStoreType } from '../state/dsl-store-suppliers.ts'
import type {
  AnyStoreSupplier,
  SessionBytesStoreSupplier,
  TableStoreSupplier,
  WindowBytesStoreSupplier,
} from '../state/store-supplier.ts'
import type { Named } from './named.ts'

/** Kafka's topic configs by dotted name, for example `{ 'min.insync.replicas': '2' }`. */
export type TopicConfig = Readonly<{ [key: string]: string }>

/**
 * The store behind a table, and the operator's name. `storeName` makes the store queryable and names its changelog
 * `<application id>-<storeName>-changelog`; `name` is the processor's.
 * @see org.apache.kafka.streams.kstream.Materialized
 */
export interface Materialized<K, V, S extends AnyStoreSupplier = TableStoreSupplier> extends Named {
  readonly storeName?: string | undefined
  /** A store of your choice; it brings its own name. */
  readonly storeSupplier?: S | undefined
  /** Kind of store; undefined: the configuration's `default.dsl.store`. Not together with `storeSupplier`. */
  readonly storeType?: DslStoreType | undefined
  readonly keySerde?: Serde<K> | undefined
  readonly valueSerde?: Serde<V> | undefined
  /** False: each update is forwarded and logged at once; else the last one of a commit interval. Default: true. */
  readonly caching?: boolean | undefined
  /** False: no changelog, the store starts empty after a restart elsewhere. A topic configuration is added to the changelog's. Default: true. */
  readonly logging?: boolean | TopicConfig | undefined
  /** How long a window or session is kept, ms; at least its length and grace, which is the default. */
  readonly retentionMs?: number | undefined
}

/** The store of a windowed aggregation. */
export type WindowMaterialized<K, V> = Materialized<K, V, WindowBytesStoreSupplier>
/** The store of a session aggregation. */
export type SessionMaterialized<K, V> = Materialized<K, V, SessionBytesStoreSupplier>
