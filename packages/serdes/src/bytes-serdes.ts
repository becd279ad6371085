import type { Serde } from './serde.ts'
import { wrongBytes, wrongValue } from './serialization-error.ts'

/**
 * Bytes as they are, without a copy.
 * @see org.apache.kafka.common.serialization.ByteArraySerializer
 */
export const bytesSerde: Serde<Uint8Array> = {
  name: 'bytes',
  serialize(topic, value) {
    if (value === null) return null
    if (!(value instanceof Uint8Array)) throw wrongValue(topic, 'bytes', value, 'a Uint8Array')
    return value
  },
  deserialize(_topic, bytes) {
    return bytes
  },
}

/**
 * Null only, for topics whose records have no key (or no value).
 * @see org.apache.kafka.common.serialization.VoidSerializer — which ignores a value; we refuse it.
 */
export const voidSerde: Serde<null> = {
  name: 'void',
  immutable: true,
  serialize(topic, value) {
    if (value !== null) throw wrongValue(topic, 'void', value, 'null')
    return null
  },
  deserialize(topic, bytes) {
    if (bytes !== null) throw wrongBytes(topic, 'void', `${bytes.length} bytes, needs null`)
    return null
  },
}
