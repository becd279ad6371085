import type { Serde } from './serde.ts'
import { wrongBytes, wrongValue } from './serialization-error.ts'

const scratchBytes = new Uint8Array(8)
const scratch = new DataView(scratchBytes.buffer)

/** The codec of a type whose values all take the same number of bytes, big-endian. */
interface FixedWidth<T> {
  readonly name: string
  readonly width: number
  readonly wanted: string
  accepts(value: T): boolean
  write(view: DataView, value: T): void
  /** Undefined when the value does not fit its JavaScript type. */
  read(view: DataView): T | undefined
}

function fixedWidth<T>(codec: FixedWidth<T>): Serde<T> {
  const { name, width } = codec
  return {
    name,
    immutable: true,
    serialize(topic, value) {
      if (value === null) return null
      if (!codec.accepts(value)) throw wrongValue(topic, name, value, codec.wanted)
      codec.write(scratch, value)
      const bytes = new Uint8Array(width)
      for (let i = 0; i < width; i++) bytes[i] = scratchBytes[i]!
      return bytes
    },
    deserialize(topic, bytes) {
      if (bytes === null) return null
      if (bytes.length !== width) throw wrongBytes(topic, name, `${bytes.length} bytes, needs ${width}`)
      for (let i = 0; i < width; i++) scratchBytes[i] = bytes[i]!
      const value = codec.read(scratch)
      if (value === undefined) {
        const found = scratch.getBigInt64(0)
        throw wrongBytes(topic, name, `${found}, which is beyond ±(2^53 − 1); Serdes.bigint64() reads it`)
      }
      return value
    },
  }
}

/**
 * An integer of 32 bits: 4 bytes, big-endian, two's complement.
 * @see org.apache.kafka.common.serialization.IntegerSerializer
 */
export const int32Serde: Serde<number> = fixedWidth<number>({
  name: 'int32',
  width: 4,
  wanted: 'an integer of 32 bits',
  accepts: (value) => typeof value === 'number' && (value | 0) === value,
  write: (view, value) => view.setInt32(0, value),
  read: (view) => view.getInt32(0),
})

/**
 * An integer of 64 bits as a `number`: 8 bytes, big-endian, two's complement. Integers beyond ±(2^53 − 1) are refused on
 * both sides; {@link bigint64Serde} takes them.
 * @see org.apache.kafka.common.serialization.LongSerializer
 */
export const int64Serde: Serde<number> = fixedWidth<number>({
  name: 'int64',
  width: 8,
  wanted: 'a safe integer',
  accepts: (value) => Number.isSafeInteger(value),
  write(view, value) {
    view.setInt32(0, Math.floor(value / 0x1_0000_0000))
    view.setUint32(4, value >>> 0)
  },
  read(view) {
    const value = view.getInt32(0) * 0x1_0000_0000 + view.getUint32(4)
    return Number.isSafeInteger(value) ? value : undefined
  },
})

/**
 * An integer of 64 bits as a `bigint`: 8 bytes, big-endian, two's complement.
 * @see org.apache.kafka.common.serialization.LongSerializer
 */
export const bigint64Serde: Serde<bigint> = fixedWidth<bigint>({
  name: 'bigint64',
  width: 8,
  wanted: 'a bigint of 64 bits',
  accepts: (value) => typeof value === 'bigint' && BigInt.asIntN(64, value) === value,
  write: (view, value) => view.setBigInt64(0, value),
  read: (view) => view.getBigInt64(0),
})

/**
 * A floating-point number: 8 bytes, IEEE 754, big-endian. Every NaN is written as Java's one NaN.
 * @see org.apache.kafka.common.serialization.DoubleSerializer
 */
export const float64Serde: Serde<number> = fixedWidth<number>({
  name: 'float64',
  width: 8,
  wanted: 'a number',
  accepts: (value) => typeof value === 'number',
  write(view, value) {
    if (Number.isNaN(value)) view.setBigInt64(0, 0x7ff8_0000_0000_0000n)
    else view.setFloat64(0, value)
  },
  read: (view) => view.getFloat64(0),
})

/**
 * True or false: one byte, 1 or 0; any other byte is refused.
 * @see org.apache.kafka.common.serialization.BooleanSerializer
 */
export const booleanSerde: Serde<boolean> = {
  name: 'boolean',
  immutable: true,
  serialize(topic, value) {
    if (value === null) return null
    if (typeof value !== 'boolean') throw wrongValue(topic, 'boolean', value, 'true or false')
    return Uint8Array.of(value ? 1 : 0)
  },
  deserialize(topic, bytes) {
    if (bytes === null) return null
    if (bytes.length !== 1) throw wrongBytes(topic, 'boolean', `${bytes.length} bytes, needs 1`)
    if (bytes[0] !== 0 && bytes[0] !== 1) throw wrongBytes(topic, 'boolean', `byte ${bytes[0]}, needs 0 or 1`)
    return bytes[0] === 1
  },
}
