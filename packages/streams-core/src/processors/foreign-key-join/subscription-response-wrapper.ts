import type { Serde } from '@millrace/serdes'

/**
 * The right side's answer to a subscription.
 * @see org.apache.kafka.streams.kstream.internals.foreignkeyjoin.SubscriptionResponseWrapper
 */
export interface SubscriptionResponseWrapper<VRight> {
  /** The subscription's hash: the left value for which the answer is meant. */
  readonly hash: Uint8Array | null
  /** The right row's value, null if there is none. */
  readonly foreignValue: VRight | null
  /** Where the answer is sent. Not written; undefined after reading. */
  readonly primaryPartition: number | undefined
}

/**
 *   | version 0 (7 bits), top bit: no hash | hash, 16 bytes, if any | right value; nothing for null |
 *
 * @see org.apache.kafka.streams.kstream.internals.foreignkeyjoin.SubscriptionResponseWrapperSerde (same bytes)
 */
export function subscriptionResponseWrapperSerde<VRight>(
  foreignValueSerde: Serde<VRight>,
): Serde<SubscriptionResponseWrapper<VRight>> {
  return {
    name: 'subscription response',
    serialize(topic, response) {
      if (response === null) return null
      const { hash, foreignValue } = response
      const value = foreignValue === null ? null : foreignValueSerde.serialize(topic, foreignValue)
      const valueAt = hash === null ? 1 : 17
      const bytes = new Uint8Array(valueAt + (value === null ? 0 : value.length))
      if (hash === null) bytes[0] = 0x80
      else bytes.set(hash, 1)
      if (value !== null) bytes.set(value, valueAt)
      return bytes
    },
    deserialize(topic, bytes) {
      if (bytes === null) return null
      const version = bytes[0]! & 0x7f
      if (version !== 0) throw new RangeError(`A response of version ${version} cannot be read: only 0 is known.`)
      const hasHash = (bytes[0]! & 0x80) === 0
      const value = bytes.subarray(hasHash ? 17 : 1)
      return {
        hash: hasHash ? bytes.slice(1, 17) : null,
        foreignValue: value.length === 0 ? null : foreignValueSerde.deserialize(topic, value),
        primaryPartition: undefined,
      }
    },
  }
}
