import type { BytesStore, BytesStoreContext } from '../bytes-store.ts'
import { writeInt64 } from '../key-schema/int64.ts'
import {
  timeFirstWindowKey,
  timeFirstWindowKeyBytes,
  timeFirstWindowSeqnum,
  timeFirstWindowStart,
} from '../key-schema/time-first.ts'
import { KeyspaceStore, ownCopy } from '../keyspace-store.ts'
import type { Keyspace } from '../state-engine.ts'
import { nextSeqnum } from '../window/window-options.ts'
import type { BufferContext } from './buffer-context.ts'
import { type BufferValue, bufferValueBytes, decodeBufferValue, encodeBufferValue } from './buffer-value.ts'

/** A record that leaves the buffer. */
export interface GraceBufferEviction {
  readonly key: Uint8Array
  readonly value: Uint8Array
  readonly context: BufferContext
}

/** Stream records of a stream-table join that wait until their grace has passed, in the order of time, key and coming. */
export interface GraceBuffer extends BytesStore {
  /** False when the record is older than stream time minus grace: it was not taken, and is to be joined at once. */
  put(key: Uint8Array, value: Uint8Array, timestamp: number, context: BufferContext): boolean
  /** Gives and removes the records up to stream time minus grace, while the predicate holds. */
  evictWhile(predicate: () => boolean, callback: (eviction: GraceBufferEviction) => void): void
  readonly numRecords: number
  /** Bytes, as Java reckons them. */
  readonly bufferSize: number
}

/**
 * A buffer over a keyspace. Stream time is the largest timestamp that was put here.
 *
 *   | 0 | timestamp, int64 BE | key | sequence number, int32 BE |  →  a {@link BufferValue}
 *
 * Changelog: the same key → buffered value, int64 0; written at once, with `logChange`.
 * @see org.apache.kafka.streams.state.internals.RocksDBTimeOrderedKeyValueBuffer — which cannot restore what it logs, as it
 *   takes the key for one of another form; ours can.
 */
export function graceBuffer(
  name: string,
  graceMs: number,
  logChange?: (key: Uint8Array, value: Uint8Array | null) => void,
): GraceBuffer {
  return new KeyspaceGraceBuffer(name, graceMs, logChange)
}

const PADDING = 8

class KeyspaceGraceBuffer extends KeyspaceStore implements GraceBuffer {
  readonly #graceMs: number
  readonly #logChange: ((key: Uint8Array, value: Uint8Array | null) => void) | undefined
  #discards = 0
  #numRecords = 0
  #bufferSize = 0

  constructor(
    name: string,
    graceMs: number,
    logChange: ((key: Uint8Array, value: Uint8Array | null) => void) | undefined,
  ) {
    super(name)
    this.#graceMs = graceMs
    this.#logChange = logChange
  }

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

  put(key: Uint8Array, value: Uint8Array, timestamp: number, context: BufferContext): boolean {
    const keyspace = this.#current()
    if (keyspace.streamTime - this.#graceMs > timestamp) return false
    keyspace.sequence = nextSeqnum(keyspace.sequence)
    if (timestamp > keyspace.streamTime) keyspace.streamTime = timestamp
    const row = prefixed(timeFirstWindowKey(key, timestamp, keyspace.sequence))
    const buffered: BufferValue = { priorValue: null, oldValue: null, newValue: value, context }
    keyspace.put(row, encodeBufferValue(buffered, 0))
    this.#logChange?.(row, encodeBufferValue(buffered, PADDING))
    this.#numRecords++
    this.#bufferSize += row.length + bufferValueBytes(buffered)
    return true
  }

  restore(key: Uint8Array, value: Uint8Array | null): void {
    const keyspace = this.#current()
    const row = ownCopy(key)
    const before = keyspace.get(row)
    if (before !== null) {
      this.#numRecords--
      this.#bufferSize -= row.length + bufferValueBytes(decodeBufferValue(before))
    }
    const timestamp = timeFirstWindowStart(row.subarray(1))
    if (timestamp > keyspace.streamTime) keyspace.streamTime = timestamp
    const buffered = value === null ? null : ownCopy(value).subarray(0, value.length - PADDING)
    keyspace.sequence = Math.max(keyspace.sequence, timeFirstWindowSeqnum(row.subarray(1)))
    keyspace.put(row, buffered)
    if (buffered === null) return
    this.#numRecords++
    this.#bufferSize += row.length + bufferValueBytes(decodeBufferValue(buffered))
  }

  evictWhile(predicate: () => boolean, callback: (eviction: GraceBufferEviction) => void): void {
    const keyspace = this.#current()
    const until = keyspace.streamTime - this.#graceMs
    if (this.#numRecords === 0 || until < 0) return
    const end = new Uint8Array(9)
    writeInt64(end, 1, until + 1)
    const rows = keyspace.range(null, end)
    try {
      while (predicate()) {
        const row = rows.next()
        if (row.done) return
        const [key, bytes] = row.value
        const value = decodeBufferValue(bytes)
        callback({ key: timeFirstWindowKeyBytes(key.subarray(1)), value: value.newValue!, context: value.context })
        keyspace.put(key, null)
        this.#logChange?.(key, null)
        this.#numRecords--
        this.#bufferSize -= key.length + bufferValueBytes(value)
      }
    } finally {
      rows.close()
    }
  }

  #current(): Keyspace {
    const keyspace = this.open('buffer')
    if (keyspace.discards !== this.#discards) this.#count()
    return keyspace
  }

  #count(): void {
    const keyspace = this.open('buffer')
    this.#discards = keyspace.discards
    this.#numRecords = 0
    this.#bufferSize = 0
    for (const [row, value] of keyspace.range(null, null)) {
      this.#numRecords++
      this.#bufferSize += row.length + bufferValueBytes(decodeBufferValue(value))
    }
  }
}

function prefixed(row: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(1 + row.length)
  bytes.set(row, 1)
  return bytes
}
