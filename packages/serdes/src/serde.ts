import type { Headers } from './headers.ts'

/**
 * Values of one type to bytes and back.
 *
 *   value ── serialize(topic, value) ──► bytes ── deserialize(topic, bytes) ──► value
 *
 * Null stands for a tombstone (or no key) on both sides: `serialize` gives null for null, `deserialize` likewise.
 * Serializing the same value always gives the same bytes, because keys are compared and partitioned as bytes.
 *
 * @see org.apache.kafka.common.serialization.Serde — serializer and deserializer in one object here.
 */
export interface Serde<T> {
  /**
   * Bytes of the value.
   * @throws SerializationError when the value is not of this serde's type; the production exception handler decides.
   */
  serialize(topic: string, value: T | null, headers?: Headers): Uint8Array | null
  /**
   * Value of the bytes. The bytes may be a view into a larger buffer: a serde that keeps them must copy.
   * @throws SerializationError when the bytes are not of this serde's form; the deserialization exception handler decides.
   */
  deserialize(topic: string, bytes: Uint8Array | null, headers?: Headers): T | null
  /**
   * Gets from elsewhere (a schema registry) what the serde will need for a topic, so that the first record finds it. The
   * runtime calls it at start for the topics it knows; users of a test driver call it themselves.
   * @throws SerdeNotReadyError when it may succeed later, and otherwise what is wrong
   */
  prepare?(topic: string, use: SerdeUse): Promise<void>
  /** A name for error messages and descriptions, for example `string`. */
  readonly name?: string
  /**
   * True when decoded values cannot be changed by user code (numbers, strings), so that a store may keep and hand out the
   * decoded value instead of decoding anew.
   */
  readonly immutable?: boolean
  /** What values look like, as JSON, where the bytes do not say it: a store that was written with another one is not opened. */
  readonly schema?: unknown
  /** Versions of values, where these carry one. */
  readonly versions?: SerdeVersions
  /** Bytes of an older version as those of the present one; the same array when they are of that already. */
  upgrade?(topic: string, bytes: Uint8Array): Uint8Array
}

/** Which versions of values a serde knows. */
export interface SerdeVersions {
  /** Of what is written. */
  readonly current: number
  /** Undefined stands for values without a version. */
  canRead(version: number | undefined): boolean
}

/** Which way a serde is used. */
export type SerdeUse = 'serialize' | 'deserialize'

/** The type of values that a serde reads and writes. */
export type SerdeValue<S> = S extends Serde<infer T> ? T : never
