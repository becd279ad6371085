import { readInt64, writeInt64 } from '../key-schema/int64.ts'
import { copyBytes, newBytes, SMALL_BYTES } from '../new-bytes.ts'

/**
 * Sends one changelog record, through the record collector. The timestamp is the value's own (timestamped values, versions); or
 * undefined: that of the record in process.
 */
export type LogChange = (key: Uint8Array, value: Uint8Array | null, timestamp: number | undefined) => void

/** Settings of the change-logging decorators. */
export interface ChangeLoggingOptions {
  /**
   * True when values carry their timestamp ({@link timestampedBytes}): the changelog record then has it as its timestamp, and
   * the bytes without it as its value. Whoever restores such a store puts the timestamp back in front of the value.
   */
  readonly timestamped?: boolean
}

const TIMESTAMP_SIZE = 8

/** What `timestampedBytes` made last, and of what: a store mostly logs what was written to it just before. */
let lastTimestamped: Uint8Array | undefined
let lastValue: Uint8Array | undefined

/**
 * A value with the time of the newest record that went into it.
 *
 *   | timestamp, Unix ms, int64 BE | value |
 *
 * @see org.apache.kafka.streams.state.internals.ValueAndTimestampSerializer (same bytes)
 */
export function timestampedBytes(value: Uint8Array, timestamp: number): Uint8Array {
  const bytes = newBytes(TIMESTAMP_SIZE + value.length)
  writeInt64(bytes, 0, timestamp)
  copyBytes(value, bytes, TIMESTAMP_SIZE)
  lastTimestamped = bytes
  lastValue = value
  return bytes
}

/** The value of a timestamped one: as it was given to {@link timestampedBytes}, a view, or a copy where it is small. */
export function rawValue(timestamped: Uint8Array): Uint8Array {
  if (timestamped === lastTimestamped) return lastValue!
  const { length } = timestamped
  // A view would move a small array, which lies in V8's own heap, to a buffer outside of it: that costs more than the copy.
  // Not subarray(): that of a Buffer costs several times as much.
  if (length > SMALL_BYTES) {
    return new Uint8Array(timestamped.buffer, timestamped.byteOffset + TIMESTAMP_SIZE, length - TIMESTAMP_SIZE)
  }
  const value = new Uint8Array(length - TIMESTAMP_SIZE)
  for (let i = TIMESTAMP_SIZE; i < length; i++) value[i - TIMESTAMP_SIZE] = timestamped[i]!
  return value
}

/** The timestamp of a timestamped value. */
export function rawTimestamp(timestamped: Uint8Array): number {
  return readInt64(timestamped, 0)
}

/** Takes a store's value apart for the changelog. */
export class ChangeLogger {
  readonly #logChange: LogChange
  readonly #isTimestamped: boolean

  constructor(logChange: LogChange, options: ChangeLoggingOptions) {
    this.#logChange = logChange
    this.#isTimestamped = options.timestamped ?? false
  }

  log(key: Uint8Array, value: Uint8Array | null): void {
    if (value === null || !this.#isTimestamped) this.#logChange(key, value, undefined)
    else this.#logChange(key, rawValue(value), rawTimestamp(value))
  }
}
