import type { Serde } from '@millrace/serdes'

/** What the right side does with a subscription, and what it answers. The numbers are Java's. */
export const Instruction = {
  /** Remove it; no answer. */
  deleteKeyNoPropagate: 0,
  /** Remove it; answer null. */
  deleteKeyAndPropagate: 1,
  /** Keep it; answer the right row, null if there is none. */
  propagateNullIfNoFkValAvailable: 2,
  /** Keep it; answer the right row, nothing if there is none. */
  propagateOnlyIfFkValAvailable: 3,
} as const
export type Instruction = (typeof Instruction)[keyof typeof Instruction]

/**
 * A left row's subscription to the right row of its foreign key.
 * @see org.apache.kafka.streams.kstream.internals.foreignkeyjoin.SubscriptionWrapper
 */
export interface SubscriptionWrapper<KLeft> {
  /** Hash of the left value, 16 bytes; null when the row is gone. Answers are dropped when it no longer fits. */
  readonly hash: Uint8Array | null
  readonly instruction: Instruction
  readonly primaryKey: KLeft
  /** The left row's partition, to which the answer goes; undefined in what Kafka 3.3 or older wrote. */
  readonly primaryPartition: number | undefined
}

/**
 * Version 1 is written, 0 and 1 are read.
 *
 *   | version (7 bits), top bit: no hash | instruction | hash, 16 bytes, if any | primary key | partition, int32 BE (version 1) |
 *
 * @see org.apache.kafka.streams.kstream.internals.foreignkeyjoin.SubscriptionWrapperSerde (same bytes)
 */
export function subscriptionWrapperSerde<KLeft>(
  primaryKeySerde: Serde<KLeft>,
  primaryKeyTopic: string,
): Serde<SubscriptionWrapper<KLeft>> {
  return {
    name: 'subscription',
    serialize: (_topic, value) =>
      value === null ? null : write(value, primaryKeySerde.serialize(primaryKeyTopic, value.primaryKey)!),
    deserialize(_topic, bytes) {
      if (bytes === null) return null
      const { primaryKeyBytes, ...rest } = read(bytes)
      return { ...rest, primaryKey: primaryKeySerde.deserialize(primaryKeyTopic, primaryKeyBytes) as KLeft }
    },
  }
}

function write(value: SubscriptionWrapper<unknown>, key: Uint8Array): Uint8Array {
  const { hash, instruction, primaryPartition } = value
  const version = primaryPartition === undefined ? 0 : 1
  const keyAt = hash === null ? 2 : 18
  const bytes = new Uint8Array(keyAt + key.length + (version === 1 ? 4 : 0))
  bytes[0] = hash === null ? version | 0x80 : version
  bytes[1] = instruction
  if (hash !== null) bytes.set(hash, 2)
  bytes.set(key, keyAt)
  if (primaryPartition !== undefined) new DataView(bytes.buffer).setInt32(keyAt + key.length, primaryPartition)
  return bytes
}

function read(bytes: Uint8Array) {
  const version = bytes[0]! & 0x7f
  const instruction = bytes[1]!
  if (version > 1) throw new RangeError(`A subscription of version ${version} cannot be read: 0 and 1 are known.`)
  if (instruction > 3) throw new RangeError(`A subscription has the unknown instruction ${instruction}.`)
  const hasHash = (bytes[0]! & 0x80) === 0
  const keyAt = hasHash ? 18 : 2
  const keyEnd = version === 1 ? bytes.length - 4 : bytes.length
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  return {
    hash: hasHash ? bytes.slice(2, 18) : null,
    instruction: instruction as Instruction,
    primaryKeyBytes: bytes.subarray(keyAt, keyEnd),
    primaryPartition: version === 1 ? view.getInt32(keyEnd) : undefined,
  }
}
