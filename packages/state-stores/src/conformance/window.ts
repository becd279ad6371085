// Conformance suite for window bytes stores.
//
// Supply:   `test`, and `factory`, which opens a new store with the settings given (see `openStore`).
// supports: `expiry` and `order` say which of Java's kinds the store follows.

import { deepStrictEqual, strictEqual, throws } from 'node:assert'
import { compareBytes } from '../binary-key.ts'
import type { WindowBytesKey, WindowBytesStore } from '../bytes-store.ts'
import { windowKey } from '../key-schema/window.ts'
import { StoreClosedError } from '../store-error.ts'
import type { StoreIterator } from '../store-iterator.ts'
import { bytes, commitOf, drain, random, type StoreFixture, type SuiteTest, text, withSeed } from './suite.ts'

/** Settings of the stores that the suite asks for. Segments, where there are any, are 100 ms long. */
export interface WindowSuiteSettings {
  readonly name: string
  readonly retentionMs: number
  readonly windowSizeMs: number
  readonly retainDuplicates: boolean
  readonly segmentIntervalMs: number
}

/** What the suite is given. */
export interface WindowSuiteOptions {
  readonly test: SuiteTest
  readonly factory: (settings: WindowSuiteSettings) => Promise<StoreFixture<WindowBytesStore>>
  readonly supports: {
    /** `segment`: a put is dropped when its whole segment has expired; `exact`: when its own time has. */
    readonly expiry: 'segment' | 'exact'
    /** Ranges over several keys: by segment, then key, then start; or by start, then key. */
    readonly order: 'segment-key' | 'time-key'
    /** True when a window that starts exactly at stream time minus retention is still found. */
    readonly findsOldest?: boolean
  }
  readonly seeds?: readonly number[]
}

type Row = readonly [key: string, start: number, value: string]

/** Declares the tests which every window store passes. */
export function windowSuite({ test, factory, supports, seeds = [1, 2, 3] }: WindowSuiteOptions): void {
  const settings = {
    name: 'windows',
    retentionMs: 250,
    windowSizeMs: 10,
    retainDuplicates: false,
    segmentIntervalMs: 100,
  }
  const withStore = (
    name: string,
    body: (fixture: StoreFixture<WindowBytesStore>) => void | Promise<void>,
    retainDuplicates = false,
  ) => {
    test(name, async () => {
      const fixture = await factory({ ...settings, retainDuplicates })
      try {
        await body(fixture)
      } finally {
        await fixture.remove()
      }
    })
  }

  withStore('puts, fetches and deletes one window', ({ store }) => {
    store.put(bytes('a'), bytes('1'), 100)
    strictEqual(text(store.fetchOne(bytes('a'), 100)), '1')
    strictEqual(store.fetchOne(bytes('a'), 101), null)
    strictEqual(store.fetchOne(bytes('b'), 100), null)
    store.put(bytes('a'), null, 100)
    strictEqual(store.fetchOne(bytes('a'), 100), null)
    deepStrictEqual(rows(store.all()), [])
  })

  withStore(
    'fetches the windows of a key by start, both times inclusive, and not those of longer keys',
    ({ store }) => {
      const longer = `a${text(windowKey(bytes(''), 105, 0))!.slice(0, 8)}`
      for (const start of [100, 110, 90, 205]) store.put(bytes('a'), bytes(`${start}`), start)
      store.put(bytes(longer), bytes('x'), 100)
      store.put(bytes('b'), bytes('x'), 100)
      const starts = (iterator: Windows) => rows(iterator).map(([, start]) => start)
      deepStrictEqual(starts(store.fetch(bytes('a'), 0, 1000)), [90, 100, 110, 205])
      deepStrictEqual(starts(store.fetch(bytes('a'), 100, 110)), [100, 110])
      deepStrictEqual(starts(store.fetch(bytes('a'), 101, 109)), [])
      deepStrictEqual(starts(store.backwardFetch(bytes('a'), 95, Number.POSITIVE_INFINITY)), [205, 110, 100])
      deepStrictEqual(starts(store.fetch(bytes('a'), 110, 100)), [])
    },
  )

  withStore(
    'keeps duplicates in the order of their coming, and ignores nulls for them',
    ({ store }) => {
      store.put(bytes('a'), bytes('1'), 100)
      store.put(bytes('a'), null, 100)
      store.put(bytes('a'), bytes('2'), 100)
      store.put(bytes('a'), bytes('2'), 100)
      store.put(bytes('a'), bytes('0'), 90)
      store.put(bytes('b'), bytes('3'), 100)
      deepStrictEqual(
        rows(store.fetch(bytes('a'), 0, 100)).map(([, , value]) => value),
        ['0', '1', '2', '2'],
      )
      deepStrictEqual(
        rows(store.backwardFetch(bytes('a'), 100, 100)).map(([, , value]) => value),
        ['2', '2', '1'],
      )
      strictEqual(rows(store.all()).length, 5)
    },
    true,
  )

  withStore('drops, reports and hides what is older than the retention', ({ store, expiredRecords }) => {
    store.put(bytes('a'), bytes('old'), 100)
    store.put(bytes('a'), bytes('new'), 350)
    // 350 − 250 = 100: the oldest time is not found, except where said.
    strictEqual(text(store.fetchOne(bytes('a'), 100)), supports.findsOldest ? 'old' : null)
    store.put(bytes('a'), bytes('new'), 351)
    strictEqual(store.fetchOne(bytes('a'), 100), null)
    strictEqual(rows(store.fetch(bytes('a'), 0, 1000)).length, 2)
    strictEqual(expiredRecords(), 0)
    store.put(bytes('b'), bytes('late'), 100)
    strictEqual(expiredRecords(), supports.expiry === 'exact' ? 1 : 0)
    store.put(bytes('b'), bytes('late'), 99)
    strictEqual(expiredRecords(), supports.expiry === 'exact' ? 2 : 1)
    strictEqual(rows(store.all()).length, 2)
  })

  withStore('an inverted range of keys is empty', ({ store }) => {
    store.put(bytes('b'), bytes('1'), 100)
    deepStrictEqual(rows(store.fetchRange(bytes('c'), bytes('a'), 0, 1000)), [])
    deepStrictEqual(rows(store.backwardFetchRange(bytes('c'), bytes('a'), 0, 1000)), [])
  })

  withStore('restores changelog records without reporting expired ones', ({ store, expiredRecords }) => {
    store.restore(windowKey(bytes('a'), 1000, 0), bytes('1'), 0)
    store.restore(windowKey(bytes('b'), 1000, 0), bytes('1'), 0)
    store.restore(windowKey(bytes('a'), 10, 0), bytes('old'), 0)
    store.restore(windowKey(bytes('b'), 1000, 0), null, 0)
    deepStrictEqual(rows(store.all()), [['a', 1000, '1']])
    strictEqual(expiredRecords(), 0)
  })

  withStore('refuses to work when closed', ({ store }) => {
    store.close()
    throws(() => store.put(bytes('a'), null, 1), StoreClosedError)
    throws(() => store.fetch(bytes('a'), 1, 1), StoreClosedError)
    throws(() => store.all(), StoreClosedError)
  })

  for (const seed of seeds) {
    const retainDuplicates = seed % 2 === 0
    withStore(
      `agrees with a model, ${retainDuplicates ? 'with duplicates, ' : ''}seed ${seed}`,
      (fixture) => withSeed(seed, () => compareWithModel(fixture, supports, seed)),
      retainDuplicates,
    )
  }
}

type Windows = StoreIterator<WindowBytesKey, Uint8Array>

function rows(iterator: Windows): Row[] {
  return drain(iterator).map(([{ key, start }, value]) => [text(key)!, start, text(value)!])
}

interface ModelRow {
  readonly key: string
  readonly start: number
  readonly seqnum: number
  readonly value: string
}

async function compareWithModel(
  { store, engine, expiredRecords }: StoreFixture<WindowBytesStore>,
  supports: WindowSuiteOptions['supports'],
  seed: number,
): Promise<void> {
  const next = random(seed)
  const segment = (time: number) => Math.trunc(time / 100)
  let state = { rows: [] as ModelRow[], streamTime: -1 }
  let committed = state
  let expired = 0
  let seqnum = 0
  const put = (key: string, value: string | null, start: number) => {
    const streamTime = Math.max(state.streamTime, start)
    const oldest = streamTime - store.retentionMs
    const isExpired = supports.expiry === 'exact' ? start <= oldest : segment(start) < segment(oldest)
    const isIgnored = store.retainDuplicates && value === null
    // A store in segments looks at an ignored null no further; the other kind counts its time and its lateness.
    if (isIgnored && supports.expiry === 'segment') return
    let kept = state.rows
    if (isExpired) expired++
    else if (!isIgnored) {
      if (!store.retainDuplicates) kept = kept.filter((row) => row.key !== key || row.start !== start)
      if (value !== null) kept = [...kept, { key, start, seqnum: ++seqnum, value }]
    }
    state = { rows: kept, streamTime }
  }
  const binary = (row: ModelRow) => windowKey(bytes(row.key), row.start, store.retainDuplicates ? row.seqnum : 0)
  const timeFirst = (a: ModelRow, b: ModelRow) =>
    a.start - b.start || compareBytes(bytes(a.key), bytes(b.key)) || a.seqnum - b.seqnum
  const segmentFirst = (a: ModelRow, b: ModelRow) =>
    segment(a.start) - segment(b.start) || compareBytes(binary(a), binary(b))
  const find = (
    isKey: (key: string) => boolean,
    from: number,
    to: number,
    forward: boolean,
    isOneKey: boolean,
  ): Row[] => {
    const oldest = Math.max(from, state.streamTime - store.retentionMs + (supports.findsOldest ? 0 : 1))
    const found = state.rows.filter((row) => isKey(row.key) && row.start >= oldest && row.start <= to)
    found.sort(isOneKey || supports.order === 'time-key' ? timeFirst : segmentFirst)
    if (!forward) found.reverse()
    return found.map(({ key, start, value }) => [key, start, value])
  }

  let clock = 0
  for (let step = 0; step < 800; step++) {
    clock += next(12) === 0 ? next(300) : next(4)
    const key = 'abc'.slice(0, 1 + next(3)).slice(-1 - next(2))
    const time = Math.max(0, clock - next(300))
    const choice = next(100)
    if (choice < 60) {
      const value = next(6) === 0 ? null : `${step}`
      store.put(bytes(key), value === null ? null : bytes(value), time)
      put(key, value, time)
      strictEqual(expiredRecords(), expired)
    } else if (choice < 70) {
      if (store.retainDuplicates) continue
      const found = find((other) => other === key, time, time, true, true)
      strictEqual(text(store.fetchOne(bytes(key), time)), found[0]?.[2] ?? null)
    } else if (choice < 80) {
      const to = time + next(300)
      const isKey = (other: string) => other === key
      deepStrictEqual(rows(store.fetch(bytes(key), time, to)), find(isKey, time, to, true, true))
      deepStrictEqual(rows(store.backwardFetch(bytes(key), time, to)), find(isKey, time, to, false, true))
    } else if (choice < 90) {
      const to = time + next(300)
      const keyTo = 'abc'[next(3)]!
      const isKey = (other: string) => other >= key && other <= keyTo
      const [from, until] = [bytes(key), bytes(keyTo)]
      deepStrictEqual(rows(store.fetchRange(from, until, time, to)), find(isKey, time, to, true, false))
      deepStrictEqual(rows(store.backwardFetchRange(from, until, time, to)), find(isKey, time, to, false, false))
    } else if (choice < 94) {
      deepStrictEqual(
        rows(store.all()),
        find(() => true, 0, clock, true, false),
      )
      deepStrictEqual(
        rows(store.backwardAll()),
        find(() => true, 0, clock, false, false),
      )
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
