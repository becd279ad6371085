import type { Headers, TopicDeclaration } from '@millrace/serdes'
import type { EdgeWriter } from '@millrace/streams-core/internal'

/** How the values of a source become records of a topic. */
export interface InputOptions<K, V> {
  /** Default: no key, so the records go to all partitions in turn. */
  readonly key?: (value: V) => K | null
  /** Unix ms. Default: when the value came. */
  readonly timestamp?: (value: V) => number
  readonly headers?: (value: V) => Headers
  /** Told why feeding has stopped: the source failed, or a record could not be written. Default: it is logged as an error. The application goes on. */
  readonly onError?: (error: Error) => void
}

/** Writes one value. @throws what a serde throws */
export function writeValue<K, V>(
  writer: EdgeWriter,
  topic: TopicDeclaration<K, V>,
  value: V,
  options: InputOptions<K, V>,
): void {
  const { name, keySerde, valueSerde } = topic
  const key = options.key?.(value) ?? null
  const headers = options.headers?.(value)
  writer.send(
    key === null ? null : keySerde.serialize(name, key, headers),
    valueSerde.serialize(name, value, headers),
    options.timestamp?.(value),
    headers,
  )
}
