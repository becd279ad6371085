import type { Serde } from './serde.ts'

/** A topic's name with the serdes of its records: declared once, its types flow from the source to the sink. */
export interface TopicDeclaration<K, V> {
  readonly name: string
  readonly keySerde: Serde<K>
  readonly valueSerde: Serde<V>
}

/** A name that Kafka does not accept for a topic. Who acts: the developer, where the topic is declared. */
export class InvalidTopicError extends Error {
  override readonly name = 'InvalidTopicError'
  readonly code = 'STREAMS_INVALID_TOPIC'
  readonly topic: string

  constructor(topic: string) {
    super(
      `'${topic}' is not a topic name: a name has 1 to 249 of the characters a-z A-Z 0-9 . _ - and is not '.' or '..'. Rename the topic.`,
    )
    this.topic = topic
  }
}

/**
 * Declares a topic with the serdes of its keys and values.
 *
 * ```ts
 * const flights = topic('flights', { key: Serdes.string(), value: Serdes.json<Flight>() })
 * ```
 *
 * @throws InvalidTopicError for a name that Kafka refuses.
 */
export function topic<K, V>(
  name: string,
  serdes: { readonly key: Serde<K>; readonly value: Serde<V> },
): TopicDeclaration<K, V> {
  if (!/^[a-zA-Z0-9._-]{1,249}$/.test(name) || name === '.' || name === '..') throw new InvalidTopicError(name)
  return Object.freeze({ name, keySerde: serdes.key, valueSerde: serdes.value })
}
