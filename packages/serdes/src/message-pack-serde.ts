import { Decoder, Encoder } from '@msgpack/msgpack'
import type { Serde } from './serde.ts'
import { SerializationError, wrongBytes } from './serialization-error.ts'

/** How {@link messagePackSerde} treats what JavaScript and MessagePack see differently. */
export interface MessagePackOptions {
  /** True: integers of 64 bits are bigints on both sides. Default: numbers, which lose digits beyond ±(2^53 − 1). */
  readonly bigint64?: boolean
}

/**
 * Any value of MessagePack, unchecked: `T` is what the caller says it is. Bytes are `Uint8Array`s, times are `Date`s.
 *
 * Fields are written in the order in which the object holds them, and undefined ones are left out. Null is a tombstone,
 * never the MessagePack value nil; that value is read as null.
 */
export function messagePackSerde<T = unknown>(options: MessagePackOptions = {}): Serde<T> {
  const useBigInt64 = options.bigint64 === true
  const encoder = new Encoder({ useBigInt64, ignoreUndefined: true })
  const decoder = new Decoder({ useBigInt64 })
  return {
    name: 'messagePack',
    serialize(topic, value) {
      if (value === null) return null
      try {
        if (value === undefined) throw new TypeError('undefined is no value of MessagePack')
        return encoder.encode(value)
      } catch (cause) {
        throw new SerializationError({
          topic,
          what: `serde messagePack cannot write a value (${messageOf(cause)})`,
          nextStep: 'Leave out cycles, functions and symbols; for bigints set bigint64',
          cause,
        })
      }
    },
    deserialize(topic, bytes) {
      if (bytes === null) return null
      try {
        // Decoded byte arrays are views: of a copy, because the record's bytes may be reused.
        return decoder.decode(bytes.slice()) as T
      } catch (cause) {
        const what = `${bytes.length} bytes that are not one MessagePack value (${messageOf(cause)})`
        throw wrongBytes(topic, 'messagePack', what, cause)
      }
    },
  }
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
