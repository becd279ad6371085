import type { Serde } from '@millrace/serdes'
import type { StreamPartitioner } from '../topology/extension-points.ts'

/**
 * How a stream is sent through a repartition topic.
 * @see org.apache.kafka.streams.kstream.Repartitioned
 */
export interface Repartitioned<K, V> {
  /** The topic is `<application id>-<name>-repartition`. */
  readonly name?: string | undefined
  readonly keySerde?: Serde<K> | undefined
  readonly valueSerde?: Serde<V> | undefined
  /** Undefined: as many as the widest topic upstream, or as what it is joined with has. */
  readonly numberOfPartitions?: number | undefined
  readonly streamPartitioner?: StreamPartitioner<K, V> | undefined
}
