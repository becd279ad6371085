import { compareBytes } from '../binary-key.ts'
import { readInt32, writeInt32 } from '../key-schema/int64.ts'
import {
  type BufferContext,
  contextBytes,
  decodeContext,
  encodeContext,
  readSized,
  writeSized,
} from './buffer-context.ts'

/** What a buffer holds for a key. */
export interface BufferValue {
  /** The old value of the first change since the key was last sent on. */
  readonly priorValue: Uint8Array | null
  readonly oldValue: Uint8Array | null
  readonly newValue: Uint8Array | null
  readonly context: BufferContext
}

const SAME_AS_PRIOR = -2

/**
 * The bytes of a buffered value, followed by room for what the caller puts behind it.
 *
 *   | record context | size int32 | prior value | size int32, −2: as prior | old value | size int32 | new value | padding |
 *
 * A size of −1 is null.
 * @see org.apache.kafka.streams.state.internals.BufferValue#serialize (same bytes)
 */
export function encodeBufferValue(value: BufferValue, padding: number): Uint8Array {
  const context = encodeContext(value.context)
  const { priorValue, oldValue, newValue } = value
  const isSame = isOldSameAsPrior(value)
  const valueBytes = (priorValue?.length ?? 0) + (isSame ? 0 : (oldValue?.length ?? 0)) + (newValue?.length ?? 0)
  const bytes = new Uint8Array(context.length + 12 + valueBytes + padding)
  bytes.set(context)
  let at = writeSized(bytes, context.length, priorValue)
  if (isSame) {
    writeInt32(bytes, at, SAME_AS_PRIOR)
    at += 4
  } else {
    at = writeSized(bytes, at, oldValue)
  }
  writeSized(bytes, at, newValue)
  return bytes
}

/** Values are views into the bytes. */
export function decodeBufferValue(bytes: Uint8Array): BufferValue {
  const { context, end } = decodeContext(bytes)
  const prior = readSized(bytes, end)
  const isSame = readInt32(bytes, prior.end) === SAME_AS_PRIOR
  const old = isSame ? { value: prior.value, end: prior.end + 4 } : readSized(bytes, prior.end)
  return { priorValue: prior.value, oldValue: old.value, newValue: readSized(bytes, old.end).value, context }
}

/** What Java reckons that a buffered value takes in memory, in bytes: `BufferConfig.maxBytes` is compared with it. */
export function bufferValueBytes(value: BufferValue): number {
  const oldBytes = isOldSameAsPrior(value) ? 0 : (value.oldValue?.length ?? 0)
  return (value.priorValue?.length ?? 0) + oldBytes + (value.newValue?.length ?? 0) + contextBytes(value.context)
}

function isOldSameAsPrior({ priorValue, oldValue }: BufferValue): boolean {
  return oldValue !== null && priorValue !== null && compareBytes(oldValue, priorValue) === 0
}
