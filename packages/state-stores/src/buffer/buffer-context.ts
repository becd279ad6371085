import { readInt32, readInt64, writeInt32, writeInt64 } from '../key-schema/int64.ts'

/** What a buffer keeps of the context of a record, to forward it with later. */
export interface BufferContext {
  readonly timestamp: number
  readonly offset: number
  readonly partition: number
  readonly topic: string | undefined
  readonly headers: Iterable<{ readonly key: string; readonly value: Uint8Array | null }>
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/**
 * The bytes of a record context.
 *
 *   | timestamp int64 | offset int64 | size int32 | topic, UTF-8 | partition int32 | header count int32 |
 *   ( | size int32 | name, UTF-8 | size int32, −1: null | value | )*
 *
 * All big-endian. An unknown topic is written as an empty one.
 * @see org.apache.kafka.streams.processor.internals.ProcessorRecordContext#serialize (same bytes)
 */
export function encodeContext(context: BufferContext): Uint8Array {
  const topic = Buffer.from(context.topic ?? '', 'utf8')
  const headers: { name: Uint8Array; value: Uint8Array | null }[] = []
  let size = 28 + topic.length
  for (const { key, value } of context.headers) {
    const name = Buffer.from(key, 'utf8')
    headers.push({ name, value })
    size += 8 + name.length + (value?.length ?? 0)
  }
  const bytes = new Uint8Array(size)
  writeInt64(bytes, 0, context.timestamp)
  writeInt64(bytes, 8, context.offset)
  let at = writeSized(bytes, 16, topic)
  writeInt32(bytes, at, context.partition)
  writeInt32(bytes, at + 4, headers.length)
  at += 8
  for (const { name, value } of headers) {
    at = writeSized(bytes, at, name)
    at = writeSized(bytes, at, value)
  }
  return bytes
}

/** The context at the beginning of some bytes, and where it ends. */
export function decodeContext(bytes: Uint8Array): { readonly context: BufferContext; readonly end: number } {
  const timestamp = readInt64(bytes, 0)
  const offset = readInt64(bytes, 8)
  const topic = readSized(bytes, 16)
  const partition = readInt32(bytes, topic.end)
  const count = readInt32(bytes, topic.end + 4)
  let end = topic.end + 8
  const headers: { key: string; value: Uint8Array | null }[] = []
  for (let i = 0; i < count; i++) {
    const name = readSized(bytes, end)
    const value = readSized(bytes, name.end)
    headers.push({ key: decoder.decode(name.value!), value: value.value })
    end = value.end
  }
  const name = decoder.decode(topic.value!)
  return { context: { timestamp, offset, partition, topic: name === '' ? undefined : name, headers }, end }
}

/** What Java reckons that a record context takes in memory, in bytes. */
export function contextBytes(context: BufferContext): number {
  let bytes = 20 + (context.topic?.length ?? 0)
  for (const { key, value } of context.headers) bytes += key.length + (value?.length ?? 0)
  return bytes
}

/** Writes | size int32, −1: null | bytes | and gives where it ends. */
export function writeSized(bytes: Uint8Array, at: number, value: Uint8Array | null): number {
  writeInt32(bytes, at, value === null ? -1 : value.length)
  if (value === null) return at + 4
  bytes.set(value, at + 4)
  return at + 4 + value.length
}

/** Reads what {@link writeSized} wrote: a view. */
export function readSized(bytes: Uint8Array, at: number): { readonly value: Uint8Array | null; readonly end: number } {
  const size = readInt32(bytes, at)
  if (size < 0) return { value: null, end: at + 4 }
  return { value: bytes.subarray(at + 4, at + 4 + size), end: at + 4 + size }
}
