import type { Serde } from '@millrace/serdes'

/** Whose record waits, and since when. */
export interface OuterJoinKey<K> {
  /** The record's time, Unix ms. */
  readonly timestamp: number
  readonly isLeft: boolean
  readonly key: K
}

/** The serdes of a stream-stream join. */
export interface OuterJoinSerdes<K, L, R> {
  readonly keySerde: Serde<K>
  readonly leftValueSerde: Serde<L>
  readonly rightValueSerde: Serde<R>
}

/**
 * Bytes of waiting records, ordered by time, then side (right first), then key bytes.
 *
 *   key     | timestamp, Unix ms, int64 BE | 1: left, 0: right | key |
 *   value   | 1: left, 0: right | value |
 *
 * @see org.apache.kafka.streams.state.internals.TimestampedKeyAndJoinSideSerializer,
 * org.apache.kafka.streams.state.internals.LeftOrRightValueSerializer (same bytes)
 */
export class OuterJoinCodec<K, L, R> {
  readonly #serdes: OuterJoinSerdes<K, L, R>
  readonly #topic: string

  constructor(serdes: OuterJoinSerdes<K, L, R>, topic: string) {
    this.#serdes = serdes
    this.#topic = topic
  }

  keyBytes({ timestamp, isLeft, key }: OuterJoinKey<K>): Uint8Array {
    const keyBytes = this.#serdes.keySerde.serialize(this.#topic, key)!
    const bytes = new Uint8Array(9 + keyBytes.length)
    const view = new DataView(bytes.buffer)
    view.setInt32(0, Math.floor(timestamp / 0x1_0000_0000))
    view.setUint32(4, timestamp >>> 0)
    bytes[8] = isLeft ? 1 : 0
    bytes.set(keyBytes, 9)
    return bytes
  }

  key(bytes: Uint8Array): OuterJoinKey<K> {
    const view = new DataView(bytes.buffer, bytes.byteOffset)
    return {
      timestamp: view.getInt32(0) * 0x1_0000_0000 + view.getUint32(4),
      isLeft: bytes[8] === 1,
      key: this.#serdes.keySerde.deserialize(this.#topic, bytes.subarray(9)) as K,
    }
  }

  valueBytes(isLeft: boolean, value: L | R): Uint8Array {
    const { leftValueSerde, rightValueSerde } = this.#serdes
    const valueBytes = isLeft
      ? leftValueSerde.serialize(this.#topic, value as L)!
      : rightValueSerde.serialize(this.#topic, value as R)!
    const bytes = new Uint8Array(1 + valueBytes.length)
    bytes[0] = isLeft ? 1 : 0
    bytes.set(valueBytes, 1)
    return bytes
  }

  value(bytes: Uint8Array): L | R {
    const { leftValueSerde, rightValueSerde } = this.#serdes
    const serde: Serde<L | R> = (bytes[0] === 1 ? leftValueSerde : rightValueSerde) as Serde<L | R>
    return serde.deserialize(this.#topic, bytes.subarray(1)) as L | R
  }
}
