import type { Serde } from '@millrace/serdes'
import { Change } from './change.ts'

/**
 * Updates of a table on their way through a repartition topic. The last byte says what is there:
 *
 *   | old value | 0 |
 *   | new value | 1 |
 *   | size of new value, zig-zag varint | new value | old value | 2 |
 *   the same with | 1 if latest, else 0 | before the last byte, which is 3, 4 or 5 (read only)
 *
 * @see org.apache.kafka.streams.kstream.internals.ChangedSerializer (same bytes), KIP-904
 */
export function changeSerde<V>(inner: Serde<V>): Serde<Change<V>> {
  return {
    name: `change of ${inner.name ?? 'value'}`,
    serialize(topic, change, headers) {
      if (change === null) return null
      return write(inner.serialize(topic, change.newValue, headers), inner.serialize(topic, change.oldValue, headers))
    },
    deserialize(topic, bytes, headers) {
      if (bytes === null) return null
      const { newBytes, oldBytes, isLatest } = read(bytes)
      const newValue = inner.deserialize(topic, newBytes, headers)
      return new Change(newValue, inner.deserialize(topic, oldBytes, headers), isLatest)
    },
  }
}

function write(newBytes: Uint8Array | null, oldBytes: Uint8Array | null): Uint8Array {
  const value = newBytes ?? oldBytes
  if (value === null) throw new TypeError('An update of a table has neither a new nor an old value.')
  if (newBytes === null || oldBytes === null) {
    const bytes = new Uint8Array(value.length + 1)
    bytes.set(value)
    bytes[value.length] = newBytes === null ? 0 : 1
    return bytes
  }
  const size = varint(newBytes.length)
  const bytes = new Uint8Array(size.length + newBytes.length + oldBytes.length + 1)
  bytes.set(size)
  bytes.set(newBytes, size.length)
  bytes.set(oldBytes, size.length + newBytes.length)
  bytes[bytes.length - 1] = 2
  return bytes
}

function read(bytes: Uint8Array) {
  const kind = bytes[bytes.length - 1]!
  if (kind > 5) throw new RangeError(`An update of a table has the unknown kind ${kind}.`)
  const end = bytes.length - (kind < 3 ? 1 : 2)
  const isLatest = kind < 3 || bytes[end] === 1
  if (kind % 3 === 0) return { newBytes: null, oldBytes: bytes.subarray(0, end), isLatest }
  if (kind % 3 === 1) return { newBytes: bytes.subarray(0, end), oldBytes: null, isLatest }
  let newAt = 0
  let zigZag = 0
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[newAt++]!
    zigZag |= (byte & 0x7f) << shift
    if (byte < 0x80) break
  }
  const oldAt = newAt + (zigZag >>> 1)
  return { newBytes: bytes.subarray(newAt, oldAt), oldBytes: bytes.subarray(oldAt, end), isLatest }
}

/** A size as zig-zag varint: twice the size, seven bits a byte, the lowest first. */
function varint(size: number): number[] {
  const bytes: number[] = []
  let rest = size * 2
  for (; rest >= 0x80; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80)
  bytes.push(rest)
  return bytes
}
