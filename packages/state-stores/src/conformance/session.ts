// Conformance suite for session bytes stores.
//
// Supply:   `test`, and `factory`, which opens a new store with the settings given (see `openStore`).
// supports: `expiry` and `order` say which of Java's kinds the store follows.

import { deepStrictEqual, strictEqual, throws } from 'node:assert'
import { compareBytes } from '../binary-key.ts'
import type { SessionBytesKey, SessionBytesStore } from '../bytes-store.ts'
import { sessionKey } from '../key-schema/session.ts'
import { StoreClosedError } from '../store-error.ts'
import type { StoreIterator } from '../store-iterator.ts'
import { bytes, commitOf, drain, random, type StoreFixture, type SuiteTest, text, withSeed } from './suite.ts'

/** Settings of the stores that the suite asks for. Segments, where there are any, are 100 ms long. */
export interface SessionSuiteSettings {
  readonly name: string
  readonly retentionMs: number
  readonly segmentIntervalMs: number
}

/** What the suite is given. */
export interface SessionSuiteOptions {
  readonly test: SuiteTest
  readonly factory: (settings: SessionSuiteSettings) => Promise<StoreFixture<SessionBytesStore>>
  readonly supports: {
    /** `segment`: a put is dropped when its whole segment has expired; `exact`: when its own time has. */
    readonly expiry: 'segment' | 'exact'
    /** Searches: by segment, key, end, start; or by end, key, start descending. */
    readonly order: 'segment-key' | 'time-key'
  }
  readonly seeds?: readonly number[]
}

type Sessions = StoreIterator<SessionBytesKey, Uint8Array>
type Row = readonly [key: string, start: number, end: number, value: string]

/** Declares the tests which every session store passes. */
export function sessionSuite({ test, factory, supports, seeds = [1, 2, 3] }: SessionSuiteOptions): void {
  const withStore = (name: string, body: (fixture: StoreFixture<SessionBytesStore>) => void | Promise<void>) => {
    test(name, async () => {
      const fixture = await factory({ name: 'sessions', retentionMs: 250, segmentIntervalMs: 100 })
      try {
        await body(fixture)
      } finally {
        await fixture.remove()
      }
    })
  }
  const put = (store: SessionBytesStore, key: string, start: number, end: number) =>
    store.put({ key: bytes(key), start, end }, bytes(`${start}-${end}`))

  withStore('puts, fetches and removes one session', ({ store }) => {
    put(store, 'a', 100, 120)
    strictEqual(text(store.fetchSession(bytes('a'), 100, 120)), '100-120')
    strictEqual(store.fetchSession(bytes('a'), 100, 121), null)
    strictEqual(store.fetchSession(bytes('b'), 100, 120), null)
    store.remove({ key: bytes('a'), start: 100, end: 120 })
    strictEqual(store.fetchSession(bytes('a'), 100, 120), null)
    put(store, 'a', 100, 120)
    store.put({ key: bytes('a'), start: 100, end: 120 }, null)
    deepStrictEqual(rows(store.findSessionsRange(null, null, 0, 1000)), [])
  })

  withStore('finds the sessions of a key by earliest end and latest start', ({ store }) => {
    put(store, 'a', 100, 100)
    put(store, 'a', 110, 150)
    put(store, 'a', 160, 230)
    put(store, 'a\0', 110, 150)
    put(store, 'b', 110, 150)
    const bounds = (iterator: Sessions) => rows(iterator).map(([, start, end]) => [start, end])
    deepStrictEqual(bounds(store.findSessions(bytes('a'), 0, 1000)), [
      [100, 100],
      [110, 150],
      [160, 230],
    ])
    deepStrictEqual(bounds(store.backwardFindSessions(bytes('a'), 0, 1000)), [
      [160, 230],
      [110, 150],
      [100, 100],
    ])
    deepStrictEqual(bounds(store.findSessions(bytes('a'), 101, 159)), [[110, 150]])
    deepStrictEqual(bounds(store.findSessions(bytes('a'), 150, 160)), [
      [110, 150],
      [160, 230],
    ])
    deepStrictEqual(bounds(store.findSessions(bytes('a'), 231, 1000)), [])
    deepStrictEqual(bounds(store.findSessions(bytes('a'), 100, Number.POSITIVE_INFINITY)).length, 3)
  })

  withStore('finds sessions of any key by end, in the order of their ends', ({ store }) => {
    put(store, 'b', 100, 150)
    put(store, 'a', 120, 220)
    put(store, 'c', 90, 90)
    put(store, 'c', 200, 221)
    deepStrictEqual(
      rows(store.findSessionsByEnd(91, 220)).map(([key, , end]) => [key, end]),
      [
        ['b', 150],
        ['a', 220],
      ],
    )
    deepStrictEqual(rows(store.findSessionsByEnd(222, Number.POSITIVE_INFINITY)), [])
  })

  withStore('drops, reports and hides what is older than the retention', ({ store, expiredRecords }) => {
    put(store, 'a', 50, 100)
    put(store, 'a', 350, 350)
    strictEqual(store.fetchSession(bytes('a'), 50, 100), null)
    strictEqual(rows(store.findSessions(bytes('a'), 0, 1000)).length, 1)
    put(store, 'b', 50, 100)
    strictEqual(expiredRecords(), supports.expiry === 'exact' ? 1 : 0)
    put(store, 'b', 50, 99)
    strictEqual(expiredRecords(), supports.expiry === 'exact' ? 2 : 1)
    strictEqual(rows(store.findSessionsRange(null, null, 0, 1000)).length, 1)
  })

  withStore('restores changelog records without reporting expired ones', ({ store, expiredRecords }) => {
    store.restore(sessionKey(bytes('a'), 900, 1000), bytes('1'), 0)
    store.restore(sessionKey(bytes('b'), 900, 1000), bytes('1'), 0)
    store.restore(sessionKey(bytes('a'), 5, 10), bytes('1'), 0)
    store.restore(sessionKey(bytes('b'), 900, 1000), null, 0)
    deepStrictEqual(rows(store.findSessionsRange(null, null, 0, 2000)), [['a', 900, 1000, '1']])
    strictEqual(expiredRecords(), 0)
  })

  withStore('refuses to work when closed', ({ store }) => {
    store.close()
    throws(() => put(store, 'a', 1, 2), StoreClosedError)
    throws(() => store.findSessions(bytes('a'), 1, 1), StoreClosedError)
  })

  for (const seed of seeds) {
    withStore(`agrees with a model, seed ${seed}`, (fixture) =>
      withSeed(seed, () => compareWithModel(fixture, supports, seed)),
    )
  }
}

function rows(iterator: Sessions): Row[] {
  return drain(iterator).map(([{ key, start, end }, value]) => [text(key)!, start, end, text(value)!])
}

async function compareWithModel(
  { store, engine, expiredRecords }: StoreFixture<SessionBytesStore>,
  supports: SessionSuiteOptions['supports'],
  seed: number,
): Promise<void> {
  const next = random(seed)
  const segment = (time: number) => Math.trunc(time / 100)
  let state = { rows: [] as Row[], streamTime: -1 }
  let committed = state
  let expired = 0
  const binary = ([key, start, end]: Row) => sessionKey(bytes(key), start, end)
  const order = (a: Row, b: Row) =>
    supports.order === 'time-key'
      ? a[2] - b[2] || compareBytes(bytes(a[0]), bytes(b[0])) || b[1] - a[1]
      : segment(a[2]) - segment(b[2]) || compareBytes(binary(a), binary(b))
  const find = (isKey: (key: string) => boolean, earliestEnd: number, latestStart: number): Row[] => {
    const oldest = Math.max(earliestEnd, state.streamTime - store.retentionMs + 1)
    return state.rows.filter(([key, start, end]) => isKey(key) && end >= oldest && start <= latestStart).sort(order)
  }

  let clock = 0
  for (let step = 0; step < 800; step++) {
    clock += next(12) === 0 ? next(300) : next(4)
    const key = ['a', 'a\0', 'b', 'ba'][next(4)]!
    const end = Math.max(0, clock - next(280))
    const start = Math.max(0, end - next(60))
    const choice = next(100)
    if (choice < 60) {
      const value = next(6) === 0 ? null : `${step}`
      store.put({ key: bytes(key), start, end }, value === null ? null : bytes(value))
      const streamTime = Math.max(state.streamTime, end)
      const oldest = streamTime - store.retentionMs
      const others = state.rows.filter((row) => row[0] !== key || row[1] !== start || row[2] !== end)
      if (supports.expiry === 'exact' ? end <= oldest : segment(end) < segment(oldest)) {
        expired++
        state = { ...state, streamTime }
      } else {
        state = { rows: value === null ? others : [...others, [key, start, end, value]], streamTime }
      }
      strictEqual(expiredRecords(), expired)
    } else if (choice < 80) {
      const isKey = (other: string) => other === key
      deepStrictEqual(rows(store.findSessions(bytes(key), start, end)), find(isKey, start, end))
      deepStrictEqual(rows(store.backwardFindSessions(bytes(key), start, end)), find(isKey, start, end).reverse())
    } else if (choice < 94) {
      const keyTo = ['a', 'b', 'c'][next(3)]!
      const isKey = (other: string) => other >= key && other <= keyTo
      const [from, to] = [bytes(key), bytes(keyTo)]
      deepStrictEqual(rows(store.findSessionsRange(from, to, start, end)), find(isKey, start, end))
      deepStrictEqual(rows(store.backwardFindSessionsRange(from, to, start, end)), find(isKey, start, end).reverse())
    } else if (choice < 97) {
      await engine.commit(commitOf(step))
      committed = state
    } else {
      engine.discard()
      state = committed
    }
  }
  strictEqual(engine.openIterators(), 0)
}
