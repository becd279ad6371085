import type { Headers } from '@millrace/serdes'
import type { StreamPartitioner } from '../topology/extension-points.ts'
import type { Named } from './named.ts'

/** What a sink needs of a serde: that it can write `T`. A serde of a wider type will do. */
export interface Serializer<T> {
  readonly serialize: (topic: string, value: T | null, headers?: Headers) => Uint8Array | null
}

/** A topic declaration whose serdes can write these keys and values. */
export interface SinkTopic<K, V> {
  readonly name: string
  readonly keySerde: Serializer<K>
  readonly valueSerde: Serializer<V>
}

/** How a sink writes its topic, apart from the serdes. @see org.apache.kafka.streams.kstream.Produced */
export interface ProducedOptions<K, V> extends Named {
  /** Undefined: murmur2 of the key's bytes, as all Kafka producers do; windowed keys go by their inner key. */
  readonly streamPartitioner?: StreamPartitioner<K, V> | undefined
}

/**
 * How a sink writes a topic that is given by plain name. A serde left out is the stream's own, where it has one,
 * else the configuration's default; without either, `build()` throws a TopologyError.
 * @see org.apache.kafka.streams.kstream.Produced
 */
export interface Produced<K, V> extends ProducedOptions<K, V> {
  readonly keySerde?: Serializer<K> | undefined
  readonly valueSerde?: Serializer<V> | undefined
}
