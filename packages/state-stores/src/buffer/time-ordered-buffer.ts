import { type BinaryKey, toBinaryKey } from '../binary-key.ts'
import type { BytesStore, BytesStoreContext } from '../bytes-store.ts'
import { readInt64, readOrderedInt64, writeInt64, writeOrderedInt64 } from '../key-schema/int64.ts'
import { KeyspaceStore, ownCopy } from '../keyspace-store.ts'
import type { Keyspace } from '../state-engine.ts'
import type { BufferContext } from './buffer-context.ts'
import { type BufferValue, bufferValueBytes, decodeBufferValue, encodeBufferValue } from './buffer-value.ts'

/** A change that leaves the buffer. */
export interface BufferEviction {
  readonly key: Uint8Array
  readonly oldValue: Uint8Array | null
  readonly newValue: Uint8Array | null
  /** The context of the record that made the newest change of the key. */
  readonly context: BufferContext
}

/** Sends one record to the buffer's changelog; a value goes with {@link BUFFER_CHANGELOG_HEADERS}, a tombstone without headers. */
export type LogBufferChange = (key: Uint8Array, value: Uint8Array | null) => void

/** The headers of a buffer's changelog records: the version of the value's format. */
export const BUFFER_CHANGELOG_HEADERS: readonly { readonly key: string; readonly value: Uint8Array }[] = [
  { key: 'v', value: Uint8Array.of(3) },
]

/** The changes which `suppress` holds back, one for each key, in the order of their buffer time, then key. */
export interface TimeOrderedBuffer extends BytesStore {
  /** Buffers a change. A key that is there already keeps its place and its prior value. `time` decides the order, Unix ms. */
  put(
    time: number,
    key: Uint8Array,
    oldValue: Uint8Array | null,
    newValue: Uint8Array | null,
    context: BufferContext,
  ): void
  /** Gives and removes changes, oldest first, while the predicate holds; it is asked before each, and sees the others gone. */
  evictWhile(predicate: () => boolean, callback: (eviction: BufferEviction) => void): void
  /** The value that was sent on last for a buffered key, as far as is known; undefined when the key is not buffered. */
  priorValueForBuffered(key: Uint8Array): Uint8Array | null | undefined
  readonly numRecords: number
  /** Bytes, as Java reckons them. */
  readonly bufferSize: number
  /** The smallest buffer time; Infinity when empty. */
  readonly minTimestamp: number
  /** Logs the keys changed since the last flush. To be called at each commit, before the producer is flushed. */
  flush(logChange: LogBufferChange): void
}

/**
 * A time-ordered buffer over a keyspace, so that it is discarded and committed with the other stores.
 *
 *   | 0 | key |                          →  | buffer time, int64 BE |
 *   | 1 | buffer time, int64 BE | key |  →  a {@link BufferValue}
 *
 * Changelog: key → buffered value, buffer time, int64 BE.
 * @see org.apache.kafka.streams.state.internals.InMemoryTimeOrderedKeyValueChangeBuffer
 */
export function timeOrderedBuffer(name: string): TimeOrderedBuffer {
  return new KeyspaceBuffer(name)
}

const TIME_SIZE = 8

class KeyspaceBuffer extends KeyspaceStore implements TimeOrderedBuffer {
  readonly #dirty = new Map<BinaryKey, Uint8Array>()
  #discards = 0
  #numRecords = 0
  #bufferSize = 0
  #minTimestamp = Number.POSITIVE_INFINITY

  override init(context: BytesStoreContext): void {
    super.init(context)
    this.#count()
  }

  get numRecords(): number {
    this.#current()
    return this.#numRecords
  }

  get bufferSize(): number {
    this.#current()
    return this.#bufferSize
  }

  get minTimestamp(): number {
    this.#current()
    return this.#minTimestamp
  }

  put(
    time: number,
    key: Uint8Array,
    oldValue: Uint8Array | null,
    newValue: Uint8Array | null,
    context: BufferContext,
  ): void {
    const buffered = this.#buffered(key)
    const priorValue = buffered === undefined ? oldValue : buffered.value.priorValue
    this.#write(time, key, { priorValue, oldValue, newValue, context }, buffered)
    this.#dirty.set(toBinaryKey(key), key)
  }

  restore(key: Uint8Array, value: Uint8Array | null): void {
    const buffered = this.#buffered(key)
    if (value === null) {
      if (buffered !== undefined) this.#remove(key, buffered.time, buffered.value)
      return
    }
    const time = readInt64(value, value.length - TIME_SIZE)
    this.#write(time, key, decodeBufferValue(ownCopy(value)), buffered)
  }

  evictWhile(predicate: () => boolean, callback: (eviction: BufferEviction) => void): void {
    const keyspace = this.#current()
    if (this.#numRecords === 0 || !predicate()) return
    const rows = keyspace.range(timeRow(Number.NEGATIVE_INFINITY, null), null)
    try {
      for (let row = rows.next(); !row.done && predicate(); row = rows.next()) {
        const key = row.value[0].subarray(1 + TIME_SIZE)
        const value = decodeBufferValue(row.value[1])
        callback({ key, oldValue: value.oldValue, newValue: value.newValue, context: value.context })
        this.#remove(key, readOrderedInt64(row.value[0], 1), value)
        this.#dirty.set(toBinaryKey(key), key)
      }
    } finally {
      rows.close()
    }
  }

  priorValueForBuffered(key: Uint8Array): Uint8Array | null | undefined {
    return this.#buffered(key)?.value.priorValue
  }

  flush(logChange: LogBufferChange): void {
    for (const key of this.#dirty.values()) {
      const buffered = this.#buffered(key)
      if (buffered === undefined) {
        logChange(key, null)
        continue
      }
      const bytes = encodeBufferValue(buffered.value, TIME_SIZE)
      writeInt64(bytes, bytes.length - TIME_SIZE, buffered.time)
      logChange(key, bytes)
    }
    this.#dirty.clear()
  }

  #buffered(key: Uint8Array): { readonly time: number; readonly value: BufferValue } | undefined {
    const keyspace = this.#current()
    const timeBytes = keyspace.get(keyRow(key))
    if (timeBytes === null) return undefined
    const time = readInt64(timeBytes, 0)
    return { time, value: decodeBufferValue(keyspace.get(timeRow(time, key))!) }
  }

  #write(
    time: number,
    key: Uint8Array,
    value: BufferValue,
    before: { readonly time: number; readonly value: BufferValue } | undefined,
  ): void {
    const keyspace = this.#current()
    if (before === undefined) {
      const timeBytes = new Uint8Array(TIME_SIZE)
      writeInt64(timeBytes, 0, time)
      keyspace.put(keyRow(key), timeBytes)
      this.#numRecords++
      this.#bufferSize += recordBytes(key, value)
      this.#minTimestamp = Math.min(this.#minTimestamp, time)
    } else {
      this.#bufferSize += recordBytes(key, value) - recordBytes(key, before.value)
    }
    keyspace.put(timeRow(before?.time ?? time, key), encodeBufferValue(value, 0))
  }

  #remove(key: Uint8Array, time: number, value: BufferValue): void {
    const keyspace = this.#current()
    keyspace.put(keyRow(key), null)
    keyspace.put(timeRow(time, key), null)
    this.#numRecords--
    this.#bufferSize -= recordBytes(key, value)
    if (time === this.#minTimestamp) this.#minTimestamp = firstTime(keyspace)
  }

  /** The keyspace, with counters that agree with it. */
  #current(): Keyspace {
    const keyspace = this.open('buffer')
    if (keyspace.discards !== this.#discards) this.#count()
    return keyspace
  }

  #count(): void {
    const keyspace = this.open('buffer')
    this.#discards = keyspace.discards
    this.#dirty.clear()
    this.#numRecords = 0
    this.#bufferSize = 0
    for (const [row, value] of keyspace.range(timeRow(Number.NEGATIVE_INFINITY, null), null)) {
      this.#numRecords++
      this.#bufferSize += recordBytes(row.subarray(1 + TIME_SIZE), decodeBufferValue(value))
    }
    this.#minTimestamp = firstTime(keyspace)
  }
}

function firstTime(keyspace: Keyspace): number {
  const rows = keyspace.range(timeRow(Number.NEGATIVE_INFINITY, null), null)
  const first = rows.peekNextKey()
  rows.close()
  return first === undefined ? Number.POSITIVE_INFINITY : readOrderedInt64(first, 1)
}

function recordBytes(key: Uint8Array, value: BufferValue): number {
  return 8 + key.length + bufferValueBytes(value)
}

function keyRow(key: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(1 + key.length)
  bytes.set(key, 1)
  return bytes
}

function timeRow(time: number, key: Uint8Array | null): Uint8Array {
  const bytes = new Uint8Array(1 + TIME_SIZE + (key?.length ?? 0))
  bytes[0] = 1
  writeOrderedInt64(bytes, 1, time)
  if (key !== null) bytes.set(key, 1 + TIME_SIZE)
  return bytes
}
