import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { bytes, commitOf, text } from '../../src/conformance/suite.ts'
import {
  type Keyspace,
  memoryEngine,
  memoryEngineFrom,
  StoreCorruptError,
  StoreDirectoryError,
} from '../../src/index.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'millrace-snapshot-'))
})
afterEach(() => rm(root, { recursive: true }))

const entries = (keyspace: Keyspace) =>
  [...keyspace.range(null, null)].map(([key, value]) => `${text(key)}${text(value)}`)

test('holds what the last commit left, with its offsets', async () => {
  const engine = memoryEngine()
  const keyspace = engine.keyspace('store')
  for (const key of ['a', 'b', '\xff']) keyspace.put(bytes(key), bytes('1'))
  keyspace.put(bytes('big'), new Uint8Array(3_000_000))
  engine.keyspace('empty')
  keyspace.streamTime = 5
  keyspace.sequence = 6
  await engine.commit(commitOf(3))
  keyspace.put(bytes('a'), null)
  keyspace.put(bytes('b'), bytes('2'))
  keyspace.put(bytes('c'), bytes('2'))
  keyspace.streamTime = 7
  const snapshot = engine.snapshot(join(root, 'snapshots', '3'))
  keyspace.put(bytes('b'), bytes('3'))
  await snapshot

  const restored = await memoryEngineFrom(join(root, 'snapshots', '3'))
  expect(restored.lastCommit()).toEqual(commitOf(3))
  const again = restored.keyspace('store')
  expect(again.get(bytes('big'))).toHaveLength(3_000_000)
  again.put(bytes('big'), null)
  expect([entries(again), again.streamTime, again.sequence]).toEqual([['a1', 'b1', '\xff1'], 5, 6])
  restored.discard()
  expect(entries(again).length).toBe(4)
  expect(entries(keyspace)).toContain('b3')
})

test('of an engine that has not committed is empty', async () => {
  const engine = memoryEngine()
  engine.keyspace('store').put(bytes('a'), bytes('1'))
  await engine.snapshot(join(root, 'snapshot'))
  const restored = await memoryEngineFrom(join(root, 'snapshot'))
  expect(restored.lastCommit()).toBeUndefined()
  expect(entries(restored.keyspace('store'))).toEqual([])
  await expect(engine.snapshot(join(root, 'snapshot'))).rejects.toThrow(StoreDirectoryError)
})

test('a damaged, cut or missing one is refused', async () => {
  const engine = memoryEngine()
  engine.keyspace('store').put(bytes('a'), bytes('1'))
  await engine.commit(commitOf(1))
  await engine.snapshot(join(root, 'snapshot'))
  const file = join(root, 'snapshot', 'memory.snapshot')
  const content = readFileSync(file)
  const damaged = Buffer.from(content)
  damaged[content.length - 25]! ^= 1
  for (const bad of [damaged, content.subarray(0, content.length - 1), Buffer.alloc(0)]) {
    writeFileSync(file, bad)
    await expect(memoryEngineFrom(join(root, 'snapshot'))).rejects.toThrow(StoreCorruptError)
  }
  await expect(memoryEngineFrom(join(root, 'none'))).rejects.toThrow(StoreCorruptError)
})
