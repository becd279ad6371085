import { partitionForKey } from '@millrace/kafka-protocol'
import type { Serde } from '@millrace/serdes'
import type { StreamPartitioner } from './topology/extension-points.ts'
import type { Windowed } from './windows/window.ts'
import { WindowedSerde } from './windows/windowed-serde.ts'

/**
 * Partitions records of windowed keys by the key alone, so that all windows of a key go to one partition. Undefined for a
 * serde of other keys.
 * @see org.apache.kafka.streams.kstream.internals.WindowedStreamPartitioner
 */
export function windowedStreamPartitioner(keySerde: Serde<unknown>): StreamPartitioner<unknown, unknown> | undefined {
  if (!(keySerde instanceof WindowedSerde)) return undefined
  const { inner } = keySerde
  return (topic, key, _value, numPartitions) => {
    const bytes = key === null ? null : inner.serialize(topic, (key as Windowed<unknown>).key)
    return bytes === null ? undefined : partitionForKey(bytes, numPartitions)
  }
}
