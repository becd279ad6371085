import { bytesSerde, voidSerde } from './bytes-serdes.ts'
import { jsonSerde } from './json-serde.ts'
import { bigint64Serde, booleanSerde, float64Serde, int32Serde, int64Serde } from './number-serdes.ts'
import type { Serde } from './serde.ts'
import { stringSerde, uuidSerde } from './string-serdes.ts'

/**
 * The serdes that come with the library, with Java's bytes for each.
 *
 * | name | values | bytes |
 * |---|---|---|
 * | `string` | text | UTF-8 |
 * | `int32`, `int64` | `number`; refuses what is not a (safe) integer | 4 or 8, big-endian |
 * | `bigint64` | `bigint` | 8, big-endian |
 * | `float64` | `number` | 8, IEEE 754, big-endian |
 * | `boolean` | true, false | 1 |
 * | `bytes` | `Uint8Array` | as they are |
 * | `void` | null | none |
 * | `uuid` | text of 36 characters | the same text |
 * | `json` | any JSON value | JSON text without spaces |
 *
 * @see org.apache.kafka.common.serialization.Serdes
 */
export const Serdes = {
  string: (): Serde<string> => stringSerde,
  int32: (): Serde<number> => int32Serde,
  int64: (): Serde<number> => int64Serde,
  bigint64: (): Serde<bigint> => bigint64Serde,
  float64: (): Serde<number> => float64Serde,
  boolean: (): Serde<boolean> => booleanSerde,
  bytes: (): Serde<Uint8Array> => bytesSerde,
  void: (): Serde<null> => voidSerde,
  uuid: (): Serde<string> => uuidSerde,
  json: <T = unknown>(): Serde<T> => jsonSerde<T>(),
  /** The same serde with a type that admits null: for streams in which a null value means something. */
  nullable: <T>(serde: Serde<T>): Serde<T | null> => serde as Serde<T | null>,
} as const
