import type { Serde } from '@millrace/serdes'

/**
 * How records are grouped by the key they have. Without it the stream's own serdes are used; with it, as in Java, those given
 * here, else the configuration's defaults, else the stream's own.
 * @see org.apache.kafka.streams.kstream.Grouped
 */
export interface Grouped<K, V> {
  /** Names the repartition topic `<application id>-<name>-repartition`, where one is needed, and the mapping processor. */
  readonly name?: string | undefined
  readonly keySerde?: Serde<K> | undefined
  readonly valueSerde?: Serde<V> | undefined
}

/** As {@link Grouped}, for a grouping by a new key: nothing upstream knows how to write it, so its serde must be given. */
export interface GroupedBy<K, V> extends Grouped<K, V> {
  readonly keySerde: Serde<K>
}
