import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { fromBinaryKey, toBinaryKey } from '../../src/binary-key.ts'
import { random } from '../../src/conformance/suite.ts'
import { type Keyspace, type LevelEngine, levelEngine } from '../../src/index.ts'

let directory: string
let engine: LevelEngine

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'millrace-'))
  engine = await levelEngine(join(directory, 'db'))
})

afterEach(async () => {
  await engine.close()
  rmSync(directory, { recursive: true, force: true })
})

const noCommit = { changelogOffsets: new Map(), inputOffsets: new Map() }

interface Asked {
  readonly from: string | null
  readonly to: string | null
  readonly reverse: boolean
  readonly limit: number
}

/** `key=value` of the first entries of a range. */
function entriesOf(keyspace: Keyspace, { from, to, reverse, limit }: Asked): string[] {
  const bound = (key: string | null) => (key === null ? null : fromBinaryKey(key))
  const found: string[] = []
  for (const [key, value] of keyspace.range(bound(from), bound(to), reverse)) {
    found.push(`${toBinaryKey(key)}=${toBinaryKey(value)}`)
    if (found.length === limit) break
  }
  return found
}

function expectedOf(model: ReadonlyMap<string, string>, { from, to, reverse, limit }: Asked): string[] {
  const keys = [...model.keys()].filter((key) => (from === null || key >= from) && (to === null || key <= to)).sort()
  if (reverse) keys.reverse()
  return keys.slice(0, limit).map((key) => `${key}=${model.get(key)}`)
}

describe('a read ahead', () => {
  test('of a few entries of many takes little memory, and leaves none', async () => {
    const keyspace = engine.keyspace('store')
    for (let i = 0; i < 10_000; i++) keyspace.put(Buffer.from(`key-${i}`), Buffer.from('v'))
    await engine.commit(noCommit)
    const before = engine.memoryBytes()
    let calls = 0
    const all = { from: null, to: null, reverse: false, limit: 100 }
    const found = await engine.readAhead!('store', 100, () => {
      calls += 1
      return entriesOf(keyspace, all)
    })
    expect(found).toHaveLength(100)
    expect(calls).toBe(2)
    expect(engine.memoryBytes() - before).toBeLessThan(50_000)
    expect(engine.openIterators()).toBe(0)
  })

  test('lets others run while it fetches, and fetches on where it ended too early', async () => {
    const keyspace = engine.keyspace('store')
    for (let i = 0; i < 10_000; i++) keyspace.put(Buffer.from(String(i).padStart(5, '0')), Buffer.from('v'))
    await engine.commit(noCommit)
    const reading = engine.readAhead!('store', 10, () =>
      entriesOf(keyspace, { from: null, to: null, reverse: true, limit: 7000 }),
    )
    let turns = 0
    let isDone = false
    void reading.finally(() => {
      isDone = true
    })
    while (!isDone) {
      turns += 1
      await setImmediate()
    }
    expect(await reading).toHaveLength(7000)
    expect(turns).toBeGreaterThan(5)
  })

  test.each([1, 2, 3, 4])('agrees with a model while the store is written (seed %s)', async (seed) => {
    const below = random(seed)
    const next = () => below(1000) / 1000
    const keyspace = engine.keyspace('store')
    const committed = engine.committed().keyspace('store')
    let current = new Map<string, string>()
    let durable = new Map<string, string>()
    const key = () => String.fromCharCode(97 + below(26), 97 + below(26))
    const reads: Promise<void>[] = []
    for (let step = 0; step < 1500; step++) {
      const action = next()
      if (action < 0.6) {
        const [one, value] = [key(), `${step}`]
        if (next() < 0.3) {
          keyspace.put(fromBinaryKey(one), null)
          current.delete(one)
        } else {
          keyspace.put(fromBinaryKey(one), fromBinaryKey(value))
          current.set(one, value)
        }
      } else if (action < 0.62) {
        const [low, high] = [key(), key()].sort() as [string, string]
        keyspace.deleteRange(fromBinaryKey(low), fromBinaryKey(high))
        for (const one of [...current.keys()]) if (one >= low && one < high) current.delete(one)
      } else if (action < 0.66) {
        void engine.commit(noCommit)
        durable = new Map(current)
      } else if (action < 0.67) {
        engine.discard()
        current = new Map(durable)
      } else if (action < 0.9) {
        const [low, high] = [key(), key()].sort() as [string, string]
        const asked: Asked = {
          from: next() < 0.5 ? null : low,
          to: next() < 0.5 ? null : high,
          reverse: next() < 0.5,
          limit: 1 + below(60),
        }
        const isCommitted = next() < 0.5
        let expected: string[] = []
        const read = () => {
          expected = expectedOf(isCommitted ? durable : current, asked)
          return entriesOf(isCommitted ? committed : keyspace, asked)
        }
        reads.push(engine.readAhead!('store', 1 + below(10), read).then((found) => expect(found).toEqual(expected)))
      } else await setImmediate()
    }
    await Promise.all(reads)
    expect(engine.openIterators()).toBe(0)
  })
})
