import type { Serde } from '@millrace/serdes'
import type { TimestampExtractor } from '../topology/extension-points.ts'
import type { OffsetResetPolicy } from '../topology/processor-topology.ts'
import type { Named } from './named.ts'

/** How a source reads its topics, apart from the serdes. @see org.apache.kafka.streams.kstream.Consumed */
export interface ConsumedOptions extends Named {
  /** Undefined: `default.timestamp.extractor` of the configuration. */
  readonly timestampExtractor?: TimestampExtractor | undefined
  /** Where to begin when nothing has been committed, or the log does not have the position any more; undefined: `auto.offset.reset` of the configuration. */
  readonly offsetResetPolicy?: OffsetResetPolicy | undefined
}

/**
 * How a source reads topics that are given by plain name. A serde left out is the configuration's default; without
 * one, keys or values are raw bytes (`Uint8Array`).
 * @see org.apache.kafka.streams.kstream.Consumed
 */
export interface Consumed<K, V> extends ConsumedOptions {
  readonly keySerde?: Serde<K> | undefined
  readonly valueSerde?: Serde<V> | undefined
}
