import type { Serde } from '@millrace/serdes'
import type { DslStoreType } from '../state/dsl-store-suppliers.ts'
import type { WindowBytesStoreSupplier } from '../state/store-supplier.ts'
import type { TopicConfig } from './materialized.ts'
import type { Named } from './named.ts'

/**
 * How two streams are joined. `name` names the processors and the repartition topics, where a side needs one.
 * @see org.apache.kafka.streams.kstream.StreamJoined
 */
export interface StreamJoined<K, V, VOther> extends Named {
  readonly keySerde?: Serde<K> | undefined
  readonly valueSerde?: Serde<V> | undefined
  readonly otherValueSerde?: Serde<VOther> | undefined
  /**
   * For left and outer joins with a grace period. True: a record without a partner is always handed on after its window and grace.
   * Default: false, as in Java: one that comes later than its window, but within the grace, is handed on at once, and again with
   * its partner if that still comes (KAFKA-19536).
   */
  readonly waitForGrace?: boolean | undefined
  /** Base of the names of the join's stores and their changelogs. */
  readonly storeName?: string | undefined
  /** The store of the left side: it must retain duplicates, and have the join window's size and retention. */
  readonly thisStoreSupplier?: WindowBytesStoreSupplier | undefined
  /** The store of the right side, likewise. */
  readonly otherStoreSupplier?: WindowBytesStoreSupplier | undefined
  /** Kind of the join's stores; undefined: the configuration's. */
  readonly storeType?: DslStoreType | undefined
  /** False: no changelogs, the stores start empty after a restart elsewhere. A topic configuration is added to theirs. Default: true. */
  readonly logging?: boolean | TopicConfig | undefined
}
