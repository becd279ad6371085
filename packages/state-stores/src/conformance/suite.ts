import { deepStrictEqual } from 'node:assert'
import type { BytesStore } from '../bytes-store.ts'
import { memoryEngine } from '../engine/memory-engine.ts'
import type { StateEngine, StoreCommit } from '../state-engine.ts'
import type { StoreIterator } from '../store-iterator.ts'

/** vitest's `test`, node:test's, or any other of this shape. */
export type SuiteTest = (name: string, body: () => void | Promise<void>) => void

/** An engine for one test. */
export interface EngineFixture {
  /** Opens the engine; after the engine was closed, opens it again on the same data. */
  open(): Promise<StateEngine>
  /** Closes what is open and removes the data. */
  remove(): Promise<void>
}

/** A store for one test, opened over an engine of its own. */
export interface StoreFixture<S extends BytesStore> {
  readonly store: S
  readonly engine: StateEngine
  /** How often the store has reported an expired record. */
  expiredRecords(): number
  remove(): Promise<void>
}

/** Opens a store over a fixture's engine; without one, over a new memory engine. */
export async function openStore<S extends BytesStore>(
  store: S,
  fixture: EngineFixture = memoryFixture(),
): Promise<StoreFixture<S>> {
  const engine = await fixture.open()
  let expired = 0
  store.init({
    engine,
    onExpiredRecord() {
      expired++
    },
  })
  return { store, engine, expiredRecords: () => expired, remove: () => fixture.remove() }
}

function memoryFixture(): EngineFixture {
  const engine = memoryEngine()
  return { open: () => Promise.resolve(engine), remove: () => engine.close() }
}

/** A commit that records nothing but an offset. */
export function commitOf(offset: number): StoreCommit {
  const position = { offset, topicId: 'topic-id', leaderEpoch: 0, timestamp: 0 }
  return { changelogOffsets: new Map([['store', position]]), inputOffsets: new Map([['input-0', offset]]) }
}

/** Pseudo-random whole numbers below a bound, the same for the same seed (mulberry32). */
export function random(seed: number): (bound: number) => number {
  let state = seed >>> 0
  return (bound) => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) % bound
  }
}

/** Bytes of a text, one a character (U+0000 to U+00FF). */
export function bytes(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0))
}

/** Text of bytes, one character a byte; null for null. */
export function text(value: Uint8Array | null): string | null {
  return value === null ? null : Buffer.from(value).toString('latin1')
}

/** Walks an iterator to its end; every other key is peeked at first. */
export function drain<K, V>(iterator: StoreIterator<K, V>): [K, V][] {
  const entries: [K, V][] = []
  for (;;) {
    const peeked = entries.length % 2 === 0 ? { key: iterator.peekNextKey() } : undefined
    const next = iterator.next()
    if (next.done) {
      if (peeked !== undefined) deepStrictEqual(peeked.key, undefined)
      return entries
    }
    if (peeked !== undefined) deepStrictEqual(peeked.key, next.value[0])
    entries.push(next.value)
  }
}

/** Runs a body with the seed in the message of whatever it throws. */
export async function withSeed(seed: number, body: () => Promise<void>): Promise<void> {
  try {
    await body()
  } catch (cause) {
    throw new Error(`seed ${seed}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}
