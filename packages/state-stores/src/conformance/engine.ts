// Conformance suite for state engines and their keyspaces.
//
// Supply:   `test`, and `factory`, which makes a fixture with an engine of its own.
// Optional: `seeds` for the property tests.
// Asks:     `persistent` of the engine, to know whether data must survive `close`.

import { deepStrictEqual, ok, strictEqual, throws } from 'node:assert'
import type { StateEngine } from '../state-engine.ts'
import { bytes, commitOf, drain, type EngineFixture, random, type SuiteTest, text, withSeed } from './suite.ts'

/** What the suite is given. */
export interface EngineSuiteOptions {
  readonly test: SuiteTest
  readonly factory: () => EngineFixture
  readonly seeds?: readonly number[]
}

/** Declares the tests which every engine passes. */
export function engineSuite({ test, factory, seeds = [1, 2, 3] }: EngineSuiteOptions): void {
  const withEngine = (name: string, body: (engine: StateEngine, fixture: EngineFixture) => void | Promise<void>) => {
    test(name, async () => {
      const fixture = factory()
      try {
        await body(await fixture.open(), fixture)
      } finally {
        await fixture.remove()
      }
    })
  }
  const entriesOf = (engine: StateEngine, store = 'store') =>
    drain(engine.keyspace(store).range(null, null)).map(([key, value]) => [text(key), text(value)])

  withEngine('reads what was put, before and after a commit', async (engine) => {
    const keyspace = engine.keyspace('store')
    strictEqual(keyspace.get(bytes('a')), null)
    keyspace.put(bytes('a'), bytes('1'))
    keyspace.put(bytes('\0'), bytes(''))
    strictEqual(text(keyspace.get(bytes('a'))), '1')
    const commit = engine.commit(commitOf(1))
    strictEqual(text(keyspace.get(bytes('a'))), '1')
    keyspace.put(bytes('a'), null)
    strictEqual(keyspace.get(bytes('a')), null)
    await commit
    strictEqual(keyspace.get(bytes('a')), null)
    strictEqual(text(keyspace.get(bytes('\0'))), '')
    strictEqual(engine.keyspace('store').get(bytes('b')), null)
  })

  withEngine('holds what is restored as it holds what is put, and keeps it by a commit', async (engine) => {
    const keyspace = engine.keyspace('store')
    const restore = (key: string, value: string | null) => {
      const stored = value === null ? null : bytes(value)
      if (keyspace.restore === undefined) keyspace.put(bytes(key), stored)
      else keyspace.restore(bytes(key), stored)
    }
    for (const [key, value] of ['a1', 'b1', 'c1', 'a2']) restore(key!, value!)
    restore('b', null)
    restore('d', null)
    deepStrictEqual(entriesOf(engine), [
      ['a', '2'],
      ['c', '1'],
    ])
    strictEqual(keyspace.approximateNumEntries(), 2)
    await engine.commit(commitOf(1))
    keyspace.put(bytes('a'), bytes('3'))
    keyspace.put(bytes('b'), bytes('3'))
    deepStrictEqual(
      drain(engine.committed().keyspace('store').range(null, null)).map(([key]) => text(key)),
      ['a', 'c'],
    )
    engine.discard()
    deepStrictEqual(entriesOf(engine), [
      ['a', '2'],
      ['c', '1'],
    ])
  })

  withEngine('keeps stores apart', (engine) => {
    engine.keyspace('store').put(bytes('a'), bytes('1'))
    engine.keyspace('other').put(bytes('a'), bytes('2'))
    deepStrictEqual(entriesOf(engine), [['a', '1']])
    deepStrictEqual(entriesOf(engine, 'other'), [['a', '2']])
  })

  withEngine('orders keys as unsigned bytes, with both bounds inclusive', (engine) => {
    const keyspace = engine.keyspace('store')
    for (const key of ['b', '\xff', 'a\0', 'a', '', '\x7f\x80', '\x80']) keyspace.put(bytes(key), bytes('v'))
    const keys = (from: string | null, to: string | null, reverse?: boolean) =>
      drain(keyspace.range(from === null ? null : bytes(from), to === null ? null : bytes(to), reverse)).map(([key]) =>
        text(key),
      )
    deepStrictEqual(keys(null, null), ['', 'a', 'a\0', 'b', '\x7f\x80', '\x80', '\xff'])
    deepStrictEqual(keys('a', 'b'), ['a', 'a\0', 'b'])
    deepStrictEqual(keys('a', 'b', true), ['b', 'a\0', 'a'])
    deepStrictEqual(keys('aa', '\x80', true), ['\x80', '\x7f\x80', 'b'])
    deepStrictEqual(keys('c', 'a'), [])
    deepStrictEqual(keys('c', 'a', true), [])
  })

  withEngine('an iterator sees the keys of its beginning', async (engine) => {
    const keyspace = engine.keyspace('store')
    for (const key of 'bdfhj') keyspace.put(bytes(key), bytes('1'))
    await engine.commit(commitOf(1))
    const iterator = keyspace.range(null, null)
    strictEqual(text(iterator.next().value[0]), 'b')
    for (const key of 'aceg') keyspace.put(bytes(key), bytes('2'))
    keyspace.put(bytes('f'), null)
    keyspace.put(bytes('h'), bytes('3'))
    deepStrictEqual(
      drain(iterator).map(([key, value]) => [text(key), text(value)]),
      [
        ['d', '1'],
        ['h', '3'],
        ['j', '1'],
      ],
    )
  })

  withEngine('counts iterators until they end or are closed', (engine) => {
    const keyspace = engine.keyspace('store')
    for (const key of 'abc') keyspace.put(bytes(key), bytes('1'))
    const first = keyspace.range(null, null)
    const second = keyspace.range(null, null)
    first.next()
    strictEqual(engine.openIterators(), 2)
    first.close()
    first.close()
    strictEqual(first.next().done, true)
    drain(second)
    for (const [key] of keyspace.range(null, null)) if (text(key) === 'b') break
    strictEqual(engine.openIterators(), 0)
  })

  withEngine('a skipped entry is passed over', (engine) => {
    const keyspace = engine.keyspace('store')
    for (const key of 'abc') keyspace.put(bytes(key), bytes('1'))
    const iterator = keyspace.range(null, null)
    iterator.skip()
    strictEqual(text(iterator.peekNextKey()!), 'b')
    iterator.skip()
    strictEqual(text(iterator.next().value[0]), 'c')
    iterator.close()
  })

  withEngine(
    'deletes a range, the upper bound exclusive, also of committed keys that were never ranged over',
    async (engine) => {
      const keyspace = engine.keyspace('store')
      for (const key of 'abcdef') keyspace.put(bytes(key), bytes('1'))
      await engine.commit(commitOf(1))
      keyspace.put(bytes('bb'), bytes('2'))
      keyspace.deleteRange(bytes('b'), bytes('e'))
      keyspace.put(bytes('d'), bytes('3'))
      for (const key of ['b', 'bb', 'c']) strictEqual(keyspace.get(bytes(key)), null)
      strictEqual(text(keyspace.get(bytes('d'))), '3')
      await engine.commit(commitOf(2))
      deepStrictEqual(entriesOf(engine), [
        ['a', '1'],
        ['d', '3'],
        ['e', '1'],
        ['f', '1'],
      ])
      keyspace.deleteRange(null, bytes('e'))
      engine.discard()
      keyspace.deleteRange(bytes('e'), null)
      deepStrictEqual(entriesOf(engine), [
        ['a', '1'],
        ['d', '3'],
      ])
    },
  )

  withEngine('a discard takes back entries, stream time and sequence', async (engine) => {
    const keyspace = engine.keyspace('store')
    strictEqual(keyspace.streamTime, -1)
    keyspace.put(bytes('a'), bytes('1'))
    keyspace.put(bytes('b'), bytes('1'))
    keyspace.streamTime = 10
    keyspace.sequence = 3
    await engine.commit(commitOf(1))
    deepStrictEqual(entriesOf(engine), [
      ['a', '1'],
      ['b', '1'],
    ])
    const { discards } = keyspace
    keyspace.put(bytes('a'), bytes('2'))
    keyspace.put(bytes('b'), null)
    keyspace.put(bytes('c'), bytes('2'))
    keyspace.streamTime = 20
    keyspace.sequence = 4
    ok(engine.uncommittedBytes() > 0)
    engine.discard()
    strictEqual(engine.uncommittedBytes(), 0)
    deepStrictEqual(entriesOf(engine), [
      ['a', '1'],
      ['b', '1'],
    ])
    deepStrictEqual([keyspace.streamTime, keyspace.sequence], [10, 3])
    ok(keyspace.discards > discards)
  })

  withEngine('the committed view reads what the last commit left, and refuses writes', async (engine) => {
    const keyspace = engine.keyspace('store')
    for (const key of 'abc') keyspace.put(bytes(key), bytes('1'))
    keyspace.streamTime = 10
    await engine.commit(commitOf(1))
    keyspace.put(bytes('a'), bytes('2'))
    keyspace.put(bytes('b'), null)
    keyspace.put(bytes('d'), bytes('2'))
    keyspace.streamTime = 20
    const committed = engine.committed().keyspace('store')
    deepStrictEqual(
      ['a', 'b', 'd'].map((key) => text(committed.get(bytes(key)))),
      ['1', '1', null],
    )
    deepStrictEqual(
      drain(committed.range(null, null)).map(([key]) => text(key)),
      ['a', 'b', 'c'],
    )
    deepStrictEqual(
      drain(committed.range(bytes('a'), bytes('b'), true)).map(([key]) => text(key)),
      ['b', 'a'],
    )
    strictEqual(committed.streamTime, 10)
    throws(() => committed.put(bytes('a'), null), TypeError)
    throws(() => committed.deleteRange(null, null), TypeError)
  })

  withEngine('a wiped store is empty, also below what was committed; others stay', async (engine) => {
    engine.keyspace('store').put(bytes('a'), bytes('1'))
    engine.keyspace('store').streamTime = 5
    engine.keyspace('other').put(bytes('a'), bytes('1'))
    await engine.commit(commitOf(7))
    engine.keyspace('store').put(bytes('b'), bytes('1'))
    await engine.wipe('store')
    deepStrictEqual(entriesOf(engine), [])
    strictEqual(engine.keyspace('store').streamTime, -1)
    deepStrictEqual(entriesOf(engine, 'other'), [['a', '1']])
    strictEqual(engine.lastCommit()?.changelogOffsets.has('store'), false)
    strictEqual(engine.lastCommit()?.inputOffsets.get('input-0'), 7)
  })

  withEngine('gives the last commit', async (engine) => {
    strictEqual(engine.lastCommit(), undefined)
    await engine.commit(commitOf(1))
    await engine.commit(commitOf(2))
    deepStrictEqual(engine.lastCommit(), commitOf(2))
  })

  withEngine('reopened, holds what was committed and nothing else', async (engine, fixture) => {
    if (!engine.persistent) return
    const keyspace = engine.keyspace('store')
    keyspace.put(bytes('a'), bytes('1'))
    keyspace.put(bytes('b'), bytes('1'))
    keyspace.streamTime = 10
    keyspace.sequence = 3
    await engine.commit(commitOf(1))
    keyspace.put(bytes('b'), bytes('2'))
    keyspace.streamTime = 20
    await engine.close()
    const reopened = await fixture.open()
    const again = reopened.keyspace('store')
    deepStrictEqual(reopened.lastCommit(), commitOf(1))
    deepStrictEqual([again.streamTime, again.sequence, text(again.get(bytes('b')))], [10, 3, '1'])
    deepStrictEqual(entriesOf(reopened), [
      ['a', '1'],
      ['b', '1'],
    ])
    again.put(bytes('c'), bytes('1'))
    await reopened.commit(commitOf(2))
    await reopened.close()
    deepStrictEqual(entriesOf(await fixture.open()), [
      ['a', '1'],
      ['b', '1'],
      ['c', '1'],
    ])
  })

  for (const seed of seeds) {
    withEngine(`agrees with a sorted array, seed ${seed}`, async (engine, fixture) => {
      await withSeed(seed, () => compareWithModel(engine, fixture, seed))
    })
  }
}

async function compareWithModel(first: StateEngine, fixture: EngineFixture, seed: number): Promise<void> {
  const next = random(seed)
  let engine = first
  let model = new Map<string, string>()
  let committed = new Map<string, string>()
  const sorted = (from: string, to: string) =>
    [...model].filter(([key]) => key >= from && key <= to).sort(([a], [b]) => (a < b ? -1 : 1))
  const randomKey = () => String.fromCharCode(...Array.from({ length: 1 + next(2) }, () => next(24) * 11))
  for (let step = 0; step < 1500; step++) {
    const keyspace = engine.keyspace('store')
    const key = randomKey()
    const choice = next(100)
    if (choice < 45) {
      keyspace.put(bytes(key), bytes(`${step}`))
      model.set(key, `${step}`)
    } else if (choice < 60) {
      keyspace.put(bytes(key), null)
      model.delete(key)
    } else if (choice < 85) {
      strictEqual(text(keyspace.get(bytes(key))), model.get(key) ?? null)
    } else if (choice < 91) {
      const to = randomKey()
      const reverse = next(2) === 0
      const found = drain(keyspace.range(bytes(key), bytes(to), reverse)).map(([k, v]) => [text(k), text(v)])
      const expected = sorted(key, to)
      deepStrictEqual(found, reverse ? expected.reverse() : expected)
    } else if (choice < 93) {
      const to = randomKey()
      keyspace.deleteRange(bytes(key), bytes(to))
      for (const other of model.keys()) if (other >= key && other < to) model.delete(other)
    } else if (choice < 97) {
      const done = engine.commit(commitOf(step))
      committed = new Map(model)
      if (next(2) === 0) await done
    } else if (choice < 99 || !engine.persistent) {
      engine.discard()
      model = new Map(committed)
    } else {
      await engine.close()
      engine = await fixture.open()
      model = new Map(committed)
    }
  }
}
