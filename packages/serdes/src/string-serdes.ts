import type { Serde } from './serde.ts'
import { wrongBytes, wrongValue } from './serialization-error.ts'
import { decodeUtf8, encodeUtf8 } from './text.ts'

/**
 * Text as UTF-8. Malformed bytes become U+FFFD instead of an error, as in Java.
 * @see org.apache.kafka.common.serialization.StringSerializer
 */
export const stringSerde: Serde<string> = {
  name: 'string',
  immutable: true,
  serialize(topic, value) {
    if (value === null) return null
    if (typeof value !== 'string') throw wrongValue(topic, 'string', value, 'a string')
    return encodeUtf8(value)
  },
  deserialize(_topic, bytes) {
    return bytes === null ? null : decodeUtf8(bytes)
  },
}

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/**
 * A UUID in its text form of 36 characters, always lower case in bytes and values.
 * @see org.apache.kafka.common.serialization.UUIDSerializer — the same bytes; Java reads shortened forms too, we refuse them.
 */
export const uuidSerde: Serde<string> = {
  name: 'uuid',
  immutable: true,
  serialize(topic, value) {
    if (value === null) return null
    if (typeof value !== 'string' || !uuidPattern.test(value)) throw wrongValue(topic, 'uuid', value, 'a UUID')
    return encodeUtf8(value.toLowerCase())
  },
  deserialize(topic, bytes) {
    if (bytes === null) return null
    const text = decodeUtf8(bytes)
    if (!uuidPattern.test(text)) throw wrongBytes(topic, 'uuid', `${bytes.length} bytes that do not spell a UUID`)
    return text.toLowerCase()
  },
}
