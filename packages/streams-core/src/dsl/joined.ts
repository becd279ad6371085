import type { Serde } from '@millrace/serdes'
import type { Named } from './named.ts'

/**
 * How a stream is joined with a table. `name` is also the prefix of the repartition topic, where the stream needs one.
 * @see org.apache.kafka.streams.kstream.Joined
 */
export interface Joined<K, V, VTable> extends Named {
  readonly keySerde?: Serde<K> | undefined
  readonly valueSerde?: Serde<V> | undefined
  readonly otherValueSerde?: Serde<VTable> | undefined
  /**
   * Records of the stream wait this long, ms of stream time, and are then joined with the table as it was at their own time.
   * The table must be versioned, with a history at least as long. @see KIP-923
   */
  readonly gracePeriodMs?: number | undefined
}
