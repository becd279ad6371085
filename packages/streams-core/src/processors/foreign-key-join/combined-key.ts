import type { Serde } from '@millrace/serdes'

/** A foreign key with a key of the left table. The foreign key is null where a left join has none. */
export interface CombinedKey<KRight, KLeft> {
  readonly foreignKey: KRight | null
  readonly primaryKey: KLeft
}

/** The serdes of a foreign-key join's keys, with the names under which they are called. */
export interface CombinedKeySerdes<KRight, KLeft> {
  readonly foreignKeySerde: Serde<KRight>
  /** Name given to the foreign key's serde: `<subscription topic>-fk`. */
  readonly foreignKeyTopic: string
  readonly primaryKeySerde: Serde<KLeft>
  /** Name given to the primary key's serde: `<subscription topic>-pk`. */
  readonly primaryKeyTopic: string
}

/**
 * Keys of the subscription store, ordered by foreign key bytes of equal length, then primary key, so that all subscriptions
 * of a foreign key are one prefix.
 *
 *   | length of foreign key, int32 BE | foreign key | primary key |
 *
 * @see org.apache.kafka.streams.kstream.internals.foreignkeyjoin.CombinedKeySchema (same bytes)
 */
export class CombinedKeySchema<KRight, KLeft> {
  readonly #serdes: CombinedKeySerdes<KRight, KLeft>

  constructor(serdes: CombinedKeySerdes<KRight, KLeft>) {
    this.#serdes = serdes
  }

  toBytes(foreignKey: KRight, primaryKey: KLeft): Uint8Array {
    const { primaryKeySerde, primaryKeyTopic } = this.#serdes
    return this.#write(foreignKey, primaryKeySerde.serialize(primaryKeyTopic, primaryKey)!)
  }

  /** What all keys of a foreign key begin with. */
  prefix(foreignKey: KRight): Uint8Array {
    return this.#write(foreignKey, noBytes)
  }

  primaryKey(bytes: Uint8Array): KLeft {
    const { primaryKeySerde, primaryKeyTopic } = this.#serdes
    const foreignLength = new DataView(bytes.buffer, bytes.byteOffset).getInt32(0)
    return primaryKeySerde.deserialize(primaryKeyTopic, bytes.subarray(4 + foreignLength)) as KLeft
  }

  #write(foreignKey: KRight, primary: Uint8Array): Uint8Array {
    const { foreignKeySerde, foreignKeyTopic } = this.#serdes
    const foreign = foreignKeySerde.serialize(foreignKeyTopic, foreignKey)!
    const bytes = new Uint8Array(4 + foreign.length + primary.length)
    new DataView(bytes.buffer).setInt32(0, foreign.length)
    bytes.set(foreign, 4)
    bytes.set(primary, 4 + foreign.length)
    return bytes
  }
}

const noBytes = new Uint8Array(0)
