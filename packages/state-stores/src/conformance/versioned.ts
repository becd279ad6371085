// Conformance suite for versioned bytes stores.
//
// Supply: `test`, and `factory`, which opens a new store with the settings given (see `openStore`).

import { deepStrictEqual, strictEqual, throws } from 'node:assert'
import type { VersionedBytes, VersionedBytesStore } from '../bytes-store.ts'
import { StoreClosedError } from '../store-error.ts'
import { bytes, commitOf, drain, random, type StoreFixture, type SuiteTest, text, withSeed } from './suite.ts'

/** Settings of the stores that the suite asks for. */
export interface VersionedSuiteSettings {
  readonly name: string
  readonly historyRetentionMs: number
  readonly segmentIntervalMs: number
}

/** What the suite is given. */
export interface VersionedSuiteOptions {
  readonly test: SuiteTest
  readonly factory: (settings: VersionedSuiteSettings) => Promise<StoreFixture<VersionedBytesStore>>
  readonly seeds?: readonly number[]
}

type Found = readonly [value: string, timestamp: number, validTo: number | undefined] | null

/** Declares the tests which every versioned store passes. */
export function versionedSuite({ test, factory, seeds = [1, 2, 3, 4] }: VersionedSuiteOptions): void {
  const withStore = (
    name: string,
    body: (fixture: StoreFixture<VersionedBytesStore>) => void | Promise<void>,
    segmentIntervalMs = 100,
  ) => {
    test(name, async () => {
      const fixture = await factory({ name: 'versions', historyRetentionMs: 250, segmentIntervalMs })
      try {
        await body(fixture)
      } finally {
        await fixture.remove()
      }
    })
  }
  const a = bytes('a')

  withStore('gives the newest version, and the one of a time', ({ store }) => {
    strictEqual(store.put(a, bytes('1'), 100), undefined)
    strictEqual(store.put(a, bytes('2'), 200), undefined)
    deepStrictEqual(found(store.get(a)), ['2', 200, undefined])
    deepStrictEqual(found(store.getAsOf(a, 199)), ['1', 100, 200])
    deepStrictEqual(found(store.getAsOf(a, 200)), ['2', 200, undefined])
    strictEqual(store.getAsOf(a, 99), null)
    strictEqual(store.get(bytes('b')), null)
  })

  withStore('a late version ends where the next begins; one of the same time replaces', ({ store }) => {
    store.put(a, bytes('1'), 100)
    store.put(a, bytes('3'), 300)
    strictEqual(store.put(a, bytes('2'), 200), 300)
    strictEqual(store.put(a, bytes('2b'), 200), 300)
    strictEqual(store.put(a, bytes('3b'), 300), undefined)
    deepStrictEqual(found(store.getAsOf(a, 199)), ['1', 100, 200])
    deepStrictEqual(found(store.getAsOf(a, 250)), ['2b', 200, 300])
    deepStrictEqual(found(store.get(a)), ['3b', 300, undefined])
  })

  withStore('tombstones end versions, also for what comes late', ({ store }) => {
    store.put(a, bytes('1'), 100)
    strictEqual(store.put(a, null, 200), undefined)
    strictEqual(store.get(a), null)
    deepStrictEqual(found(store.getAsOf(a, 150)), ['1', 100, 200])
    strictEqual(store.getAsOf(a, 200), null)
    strictEqual(store.put(a, bytes('late'), 150), 200)
    strictEqual(store.get(a), null)
    strictEqual(store.put(bytes('b'), null, 220), undefined)
    strictEqual(store.put(bytes('b'), bytes('x'), 210), 220)
    strictEqual(store.get(bytes('b')), null)
  })

  withStore('delete gives what was valid at its time', ({ store }) => {
    store.put(a, bytes('1'), 100)
    deepStrictEqual(found(store.delete(a, 150)), ['1', 100, undefined])
    deepStrictEqual(found(store.delete(a, 120)), ['1', 100, 150])
    strictEqual(store.delete(a, 130), null)
    deepStrictEqual(found(store.getAsOf(a, 110)), ['1', 100, 120])
  })

  withStore(
    'drops and reports what is older than the history; the newest version never expires',
    ({ store, expiredRecords }) => {
      store.put(a, bytes('1'), 100)
      store.put(bytes('b'), bytes('x'), 400)
      strictEqual(store.put(a, bytes('0'), 149), -1)
      strictEqual(store.delete(a, 149), null)
      strictEqual(expiredRecords(), 2)
      deepStrictEqual(found(store.getAsOf(a, 120)), ['1', 100, undefined])
      strictEqual(store.put(a, bytes('2'), 150), undefined)
      strictEqual(store.getAsOf(a, 149), null)
      store.restore(a, bytes('0'), 149)
      strictEqual(expiredRecords(), 2)
    },
  )

  withStore('gives the versions valid within a range of time', ({ store }) => {
    for (const time of [100, 150, 200, 340]) store.put(a, bytes(`${time}`), time)
    store.put(a, null, 260)
    const times = (from: number, to: number, ascending: boolean) =>
      drain(store.getRange(a, from, to, ascending)).map(([, version]) => [version.timestamp, version.validTo])
    deepStrictEqual(times(0, 1000, true), [
      [100, 150],
      [150, 200],
      [200, 260],
      [340, undefined],
    ])
    deepStrictEqual(times(150, 200, false), [
      [200, 260],
      [150, 200],
    ])
    deepStrictEqual(times(270, 339, true), [])
  })

  withStore('refuses to work when closed', ({ store }) => {
    store.close()
    throws(() => store.put(a, null, 1), StoreClosedError)
    throws(() => store.get(a), StoreClosedError)
  })

  for (const seed of seeds) {
    withStore(
      `agrees with a model, seed ${seed}`,
      (fixture) => withSeed(seed, () => compareWithModel(fixture, seed)),
      [7, 50, 100, 1000][seed % 4],
    )
  }
}

function found(version: VersionedBytes | null): Found {
  return version === null ? null : [text(version.value)!, version.timestamp, version.validTo]
}

/** The versions of one key, oldest first; null: tombstone. */
type History = readonly (readonly [timestamp: number, value: string | null])[]

async function compareWithModel(
  { store, engine, expiredRecords }: StoreFixture<VersionedBytesStore>,
  seed: number,
): Promise<void> {
  const next = random(seed)
  let state = { histories: new Map<string, History>(), streamTime: -1 }
  let committed = state
  let expired = 0
  const asOf = (key: string, time: number): Found => {
    const history = state.histories.get(key) ?? []
    const index = history.findLastIndex(([timestamp]) => timestamp <= time)
    const version = history[index]
    if (version === undefined || version[1] === null) return null
    const validTo = history[index + 1]?.[0]
    if (validTo !== undefined && time < state.streamTime - store.historyRetentionMs) return null
    return [version[1], version[0], validTo]
  }
  const put = (key: string, value: string | null, time: number): number | undefined => {
    const others = (state.histories.get(key) ?? []).filter(([timestamp]) => timestamp !== time)
    const history: History = [...others, [time, value] as const].sort(([a], [b]) => a - b)
    const histories = new Map(state.histories).set(key, history)
    state = { histories, streamTime: Math.max(state.streamTime, time) }
    return others.filter(([timestamp]) => timestamp > time).sort(([a], [b]) => a - b)[0]?.[0]
  }

  let clock = 0
  for (let step = 0; step < 1000; step++) {
    clock += next(15) === 0 ? next(400) : next(6)
    const key = 'ab'[next(2)]!
    const time = Math.max(0, clock - next(3) * next(150))
    const isTooOld = time < state.streamTime - store.historyRetentionMs
    const choice = next(100)
    // A tombstone with the very timestamp of the newest version leaves no trace of itself, here as in Java.
    const isNewest = state.histories.get(key)?.at(-1)?.[0] === time
    if (choice < 45) {
      const value = next(4) === 0 && !isNewest ? null : `${step}`
      if (isTooOld) expired++
      const expected = isTooOld ? -1 : put(key, value, time)
      strictEqual(store.put(bytes(key), value === null ? null : bytes(value), time), expected)
    } else if (choice < 50) {
      if (isNewest) continue
      if (isTooOld) expired++
      const expected = isTooOld ? null : asOf(key, time)
      if (!isTooOld) put(key, null, time)
      deepStrictEqual(found(store.delete(bytes(key), time)), expected)
    } else if (choice < 90) {
      deepStrictEqual(found(store.getAsOf(bytes(key), time)), asOf(key, time))
      deepStrictEqual(found(store.get(bytes(key))), asOf(key, Number.POSITIVE_INFINITY))
    } else if (choice < 96) {
      await engine.commit(commitOf(step))
      committed = state
    } else {
      engine.discard()
      state = committed
    }
    strictEqual(expiredRecords(), expired)
  }
}
