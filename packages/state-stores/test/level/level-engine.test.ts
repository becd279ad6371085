import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { ClassicLevel } from 'classic-level'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { bytes, commitOf, text } from '../../src/conformance/suite.ts'
import {
  type Keyspace,
  type LevelEngine,
  type LevelEngineOptions,
  levelEngine,
  restoreLevelSnapshot,
  StoreClosedError,
  StoreCorruptError,
  StoreDirectoryError,
  StoreLockedError,
} from '../../src/index.ts'

let root: string
let directory: string
const opened: LevelEngine[] = []

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'millrace-level-'))
  directory = join(root, 'task')
})

afterEach(async () => {
  for (const engine of opened.splice(0)) await engine.close()
  await rm(root, { recursive: true })
})

async function open(where = directory, options?: LevelEngineOptions): Promise<LevelEngine> {
  const engine = await levelEngine(where, options)
  opened.push(engine)
  return engine
}

function put(keyspace: Keyspace, ...entries: string[]): void {
  for (const entry of entries) keyspace.put(bytes(entry[0]!), bytes(entry.slice(1)))
}

const entries = (keyspace: Keyspace) =>
  [...keyspace.range(null, null)].map(([key, value]) => `${text(key)}${text(value)}`)
const files = (pattern: RegExp) =>
  readdirSync(directory)
    .filter((file) => pattern.test(file))
    .map((file) => join(directory, file))

describe('a directory that cannot be used', () => {
  test('open elsewhere: the error names it', async () => {
    await open()
    await expect(open()).rejects.toThrow(StoreLockedError)
    await expect(open()).rejects.toThrow(directory)
  })

  test('of another application or task', async () => {
    const first = await open(directory, { identity: { applicationId: 'app', taskId: '0_1' } })
    await first.close()
    const other = open(directory, { identity: { applicationId: 'other', taskId: '0_1' } })
    await expect(other).rejects.toThrow(/applicationId is 'app', not 'other'/)
    await open(directory, { identity: { applicationId: 'app', taskId: '0_1' } })
  })

  test('with files of something else, which stay as they were', async () => {
    mkdirSync(directory)
    writeFileSync(join(directory, 'thesis.txt'), 'text')
    await expect(open()).rejects.toThrow(StoreDirectoryError)
    await expect(open()).rejects.toThrow(/thesis\.txt/)
    expect(readdirSync(directory)).toEqual(['thesis.txt'])
  })

  test('with a LevelDB of another program', async () => {
    const foreign = new ClassicLevel(directory)
    await foreign.put('key', 'value')
    await foreign.close()
    await expect(open()).rejects.toThrow(/LevelDB of another program/)
  })

  test('in a format of another version', async () => {
    await (await open()).close()
    const database = new ClassicLevel<Buffer, string>(directory, { keyEncoding: 'buffer' })
    const record = JSON.parse((await database.get(Buffer.of(0, 0, 0)))!)
    await database.put(Buffer.of(0, 0, 0), JSON.stringify({ ...record, formatVersion: 99 }))
    await database.close()
    await expect(open()).rejects.toThrow(/format 99/)
  })
})

describe('a corrupt directory', () => {
  async function fill(): Promise<void> {
    const engine = await open()
    for (let commit = 0; commit < 5; commit++) {
      for (let i = 0; i < 500; i++) engine.keyspace('store').put(bytes(`${i}`), bytes(`${commit}`.repeat(40)))
      await engine.commit(commitOf(commit))
    }
    await engine.close()
  }

  test('without its manifest', async () => {
    await fill()
    for (const file of files(/^MANIFEST/)) truncateSync(file, 0)
    await expect(open()).rejects.toThrow(StoreCorruptError)
    for (const file of files(/^MANIFEST/)) await rm(file)
    await expect(open()).rejects.toThrow(StoreCorruptError)
  })

  test('with a torn tail of the log: stands at an earlier commit, data and offsets together', async () => {
    await fill()
    const [log] = files(/\.log$/)
    const size = readFileSync(log!).length
    truncateSync(log!, size - 1000)
    const engine = await open()
    expect(engine.lastCommit()).toEqual(commitOf(3))
    expect(text(engine.keyspace('store').get(bytes('7')))).toBe('3'.repeat(40))
    engine.keyspace('store').put(bytes('7'), bytes('x'))
    await engine.commit(commitOf(9))
  })

  test('with a hole in the middle of the log: refused, because batches behind the hole are there', async () => {
    await fill()
    const [log] = files(/\.log$/)
    const content = readFileSync(log!)
    content.fill(0, 32_768, 65_536)
    writeFileSync(log!, content)
    await expect(open()).rejects.toThrow(StoreCorruptError)
    await expect(open()).rejects.toThrow(/batch \d is missing/)
  })

  test('with rubbish behind the log: ignored', async () => {
    await fill()
    const [log] = files(/\.log$/)
    appendFileSync(log!, Buffer.alloc(500, 7))
    expect((await open()).lastCommit()).toEqual(commitOf(4))
  })
})

describe('after a kill', () => {
  /** Each commit writes its number under every key, deletes another key, and sets stream time to it. */
  function step(engine: LevelEngine, commit: number): Promise<void> {
    const keyspace = engine.keyspace('store')
    for (let i = 0; i < 20; i++) keyspace.put(bytes(`key-${i}`), bytes(`${commit}`))
    keyspace.put(bytes(`only-${commit}`), bytes('x'))
    keyspace.put(bytes(`only-${commit - 1}`), null)
    keyspace.streamTime = commit
    return engine.commit(commitOf(commit))
  }

  async function check(where: string): Promise<number> {
    const engine = await levelEngine(where)
    const commit = engine.lastCommit()?.inputOffsets.get('input-0') ?? 0
    const keyspace = engine.keyspace('store')
    const found = [...keyspace.range(null, null)].map(([key, value]) => `${text(key)}=${text(value)}`)
    const expected = Array.from({ length: 20 }, (_, i) => `key-${i}=${commit}`)
    expect(found.sort()).toEqual(commit === 0 ? [] : [...expected.sort(), `only-${commit}=x`])
    expect(keyspace.streamTime).toBe(commit === 0 ? -1 : commit)
    await engine.close()
    return commit
  }

  test('while commits are being written, stands at one of them', async () => {
    const engine = await open()
    for (let round = 1; round <= 12; round++) {
      const writes = [step(engine, round * 2 - 1), step(engine, round * 2)]
      if (round % 3 === 0) await writes[0]
      const copy = join(root, `copy-${round}`)
      cpSync(directory, copy, { recursive: true })
      expect(await check(copy)).toBeGreaterThanOrEqual(round % 3 === 0 ? round * 2 - 1 : round * 2 - 2)
      await Promise.all(writes)
    }
  })

  test('with the log cut anywhere, stands at one of the commits', async () => {
    const engine = await open()
    for (let commit = 1; commit <= 30; commit++) await step(engine, commit)
    await engine.close()
    const [log] = files(/\.log$/)
    const size = readFileSync(log!).length
    let last = 31
    for (let cut = size; cut > 0; cut -= Math.ceil(size / 12)) {
      const copy = join(root, `cut-${cut}`)
      cpSync(directory, copy, { recursive: true })
      truncateSync(join(copy, basename(log!)), cut)
      const commit = await check(copy)
      expect(commit).toBeLessThanOrEqual(last)
      last = commit
    }
  })
})

describe('committed batches that have not resolved', () => {
  test('are read, in their order, and survive a discard of what came after', async () => {
    const engine = await open()
    const keyspace = engine.keyspace('store')
    put(keyspace, 'a1', 'b1')
    const first = engine.commit(commitOf(1))
    put(keyspace, 'a2')
    keyspace.put(bytes('b'), null)
    const second = engine.commit(commitOf(2))
    put(keyspace, 'a3', 'c3')
    engine.discard()
    expect([text(keyspace.get(bytes('a'))), keyspace.get(bytes('b')), keyspace.get(bytes('c'))]).toEqual([
      '2',
      null,
      null,
    ])
    expect(engine.lastCommit()).toBeUndefined()
    expect(entries(keyspace)).toEqual(['a2'])
    await first
    expect(engine.lastCommit()).toEqual(commitOf(1))
    await second
    expect(entries(keyspace)).toEqual(['a2'])
  })

  test('closing waits for them', async () => {
    const engine = await open()
    put(engine.keyspace('store'), 'a1')
    void engine.commit(commitOf(1))
    await engine.close()
    expect((await open()).lastCommit()).toEqual(commitOf(1))
    expect(() => engine.commit(commitOf(2))).toThrow(StoreClosedError)
  })
})

test('the first range over a store with old data blocks until its keys are read; later openings read them before', async () => {
  const engine = await open()
  for (let i = 0; i < 3000; i++) engine.keyspace('store').put(Buffer.from(String(i).padStart(5, '0')), bytes('x'))
  engine.keyspace('other').put(bytes('k'), bytes('x'))
  await engine.commit(commitOf(1))
  await engine.close()
  const again = await open()
  const keyspace = again.keyspace('store')
  keyspace.put(bytes('00005'), null)
  keyspace.put(bytes('new'), bytes('x'))
  const keys = [...keyspace.range(null, null)].map(([key]) => text(key))
  expect([keys.length, keys[0], keys[5], keys[2999]]).toEqual([3000, '00000', '00006', 'new'])
  expect(readdirSync(root)).toEqual(['task'])
  await again.commit(commitOf(2))
  await again.close()
  expect([...(await open()).keyspace('store').range(null, null)].length).toBe(3000)
})

test('counts entries, roughly, without an index', async () => {
  const engine = await open()
  const keyspace = engine.keyspace('store')
  for (let i = 0; i < 100; i++) put(keyspace, `${String.fromCharCode(i)}1`)
  await engine.commit(commitOf(1))
  for (let i = 0; i < 10; i++) keyspace.put(bytes(String.fromCharCode(i)), null)
  put(keyspace, 'c2')
  expect(keyspace.approximateNumEntries()).toBe(90)
  engine.discard()
  expect(keyspace.approximateNumEntries()).toBe(100)
  await engine.close()
  expect((await open()).keyspace('store').approximateNumEntries()).toBe(100)
})

test('reads from outside walk the committed entries without an index', async () => {
  const engine = await open()
  const keyspace = engine.keyspace('store')
  put(keyspace, 'a1', 'b1', 'c1')
  put(engine.keyspace('other'), 'b9')
  const commit = engine.commit(commitOf(1))
  put(keyspace, 'b2')
  const found: string[] = []
  for await (const [key, value] of engine.entries('store', bytes('a'), bytes('b')))
    found.push(`${text(key)}${text(value)}`)
  for await (const [key] of engine.entries('store', null, null, true)) found.push(text(key)!)
  expect(found).toEqual(['a1', 'b1', 'c', 'b', 'a'])
  await commit
})

describe('a snapshot', () => {
  test('is a consistent copy with its offsets, made while commits go on', async () => {
    const engine = await open()
    const keyspace = engine.keyspace('store')
    for (let i = 0; i < 50; i++) put(keyspace, `${String.fromCharCode(i)}1`)
    keyspace.streamTime = 77
    await engine.commit(commitOf(1))
    put(keyspace, 'a2')
    const second = engine.commit(commitOf(2))
    const snapshot = engine.snapshot(join(root, 'snapshots', '2'))
    put(keyspace, 'a3')
    await Promise.all([second, snapshot, engine.commit(commitOf(3))])

    await restoreLevelSnapshot(join(root, 'snapshots', '2'), join(root, 'restored'))
    const restored = await open(join(root, 'restored'))
    expect(restored.lastCommit()).toEqual(commitOf(2))
    expect(text(restored.keyspace('store').get(bytes('a')))).toBe('2')
    expect(restored.keyspace('store').streamTime).toBe(77)
    put(restored.keyspace('store'), 'a4')
    await restored.commit(commitOf(4))
    const fromSnapshot = await open(join(root, 'snapshots', '2'))
    expect(text(fromSnapshot.keyspace('store').get(bytes('a')))).toBe('2')
    expect(text(keyspace.get(bytes('a')))).toBe('3')
  })

  test('is refused where something is already', async () => {
    const engine = await open()
    mkdirSync(join(root, 'snapshot'))
    await expect(engine.snapshot(join(root, 'snapshot'))).rejects.toThrow(StoreDirectoryError)
  })

  test('survives compaction in the background', async () => {
    const engine = await open()
    const keyspace = engine.keyspace('store')
    const value = new Uint8Array(20_000).fill(1)
    for (let commit = 1; commit <= 12; commit++) {
      for (let i = 0; i < 60; i++)
        keyspace.put(
          bytes(`${(i * 37 + commit) % 97}`),
          Uint8Array.from(value, () => (i * commit) & 255),
        )
      await engine.commit(commitOf(commit))
      await engine.snapshot(join(root, `snapshot-${commit}`))
    }
    for (const commit of [1, 6, 12])
      expect((await open(join(root, `snapshot-${commit}`))).lastCommit()).toEqual(commitOf(commit))
  })
})

test('a wipe that was interrupted before its keys were gone leaves nothing of the store', async () => {
  const engine = await open()
  put(engine.keyspace('store'), 'a1', 'b1')
  await engine.commit(commitOf(1))
  const before = engine.wipe('store')
  put(engine.keyspace('other'), 'a1')
  await before
  await engine.commit(commitOf(2))
  await engine.close()
  const reopened = await open()
  expect(entries(reopened.keyspace('store'))).toEqual([])
  expect(entries(reopened.keyspace('other'))).toEqual(['a1'])
  await reopened.close()
  cpSync(directory, join(root, 'copy'), { recursive: true })
  expect(entries((await open(join(root, 'copy'))).keyspace('store'))).toEqual([])
})
