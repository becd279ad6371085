import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LogEngine } from '../src/index.ts'
import { batchOf, producerBatch, readAll, t0, t1, transactionalBatch } from './batches.ts'
import { bundle, kill, start } from './child-process.ts'

const code = (code: string) => expect.objectContaining({ name: 'EngineError', code })

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'log-engine-'))
})
afterEach(() => rmSync(root, { recursive: true }))

const open = (name = 'data', warnings: string[] = []): Promise<LogEngine> =>
  LogEngine.open({ dir: join(root, name), onWarning: (message) => void warnings.push(message) })

/** The directory as it is now, as a crash of the process would leave it. */
function crashCopy(name: string): void {
  cpSync(join(root, 'data'), join(root, name), { recursive: true })
  rmSync(join(root, name, '.lock'))
}

describe('after a crash of the process', () => {
  it('everything that was appended is there, with producers and transactions', async () => {
    const engine = await open()
    engine.createTopic({
      name: 't',
      partitions: 1,
      configs: { 'internal.segment.bytes': '1000', 'index.interval.bytes': '200' },
    })
    const producer = { transactionalId: 'tx', ...(await engine.initProducerId({ transactionalId: 'tx' })) }
    const idempotent = await engine.initProducerId()
    for (let i = 0; i < 20; i++) {
      engine.append(t0, producerBatch(idempotent, i, `plain${i}`))
      engine.append(t0, transactionalBatch(producer, i, `tx${i}`), { transactionalId: 'tx' })
      await engine.commitTransaction(producer, { groupId: 'g' }, [{ topic: 'in', partition: 0, offset: i }])
    }
    engine.append(t0, transactionalBatch(producer, 20, 'open'), { transactionalId: 'tx' })
    crashCopy('crashed')
    const again = await open('crashed')
    expect(readAll(again, t0)).toEqual(readAll(engine, t0))
    expect(readAll(again, t0, { isolation: 'read_committed' })).toEqual(
      readAll(engine, t0, { isolation: 'read_committed' }),
    )
    expect(again.fetchOffsets('g', null)).toEqual(engine.fetchOffsets('g', null))
    expect(again.append(t0, producerBatch(idempotent, 19, 'plain19'))).toMatchObject({ isDuplicate: true })
    again.append(t0, transactionalBatch(producer, 21, 'more'), { transactionalId: 'tx' })
    await again.endTxn(producer, 'commit')
    expect(
      readAll(again, t0, { isolation: 'read_committed' })
        .slice(-2)
        .map((text) => text.split(':')[1]),
    ).toEqual(['open', 'more'])
    await again.close()
    await engine.close()
  })

  it('a torn tail is cut, wherever it tears, and the leader epoch rises', { timeout: 120_000 }, async () => {
    const engine = await open()
    engine.createTopic({ name: 't', partitions: 1 })
    for (let i = 0; i < 5; i++) engine.append(t0, batchOf([`v${i}`]))
    const size = readFileSync(join(root, 'data/t-0/00000000000000000000.log')).length
    const batch = size / 5
    for (let length = 0; length <= size; length += 23) {
      crashCopy('torn')
      truncateSync(join(root, 'torn/t-0/00000000000000000000.log'), length)
      const warnings: string[] = []
      const again = await open('torn', warnings)
      const whole = Math.floor(length / batch)
      expect(readAll(again, t0)).toEqual(['0:v0', '1:v1', '2:v2', '3:v3', '4:v4'].slice(0, whole))
      expect(warnings).toHaveLength(length % batch === 0 ? 0 : 1)
      expect(again.listOffset(t0, 'latest').leaderEpoch).toBe(1)
      expect(again.append(t0, batchOf(['x'])).baseOffset).toBe(whole)
      await again.close()
      rmSync(join(root, 'torn'), { recursive: true })
    }
    await engine.close()
  })

  it('a transaction that was being committed is committed everywhere', async () => {
    const engine = await open()
    engine.createTopic({ name: 't', partitions: 1 })
    const producer = { transactionalId: 'tx', ...(await engine.initProducerId({ transactionalId: 'tx' })) }
    engine.append(t0, transactionalBatch(producer, 0, 'a'), { transactionalId: 'tx' })
    const path = 'data/__transaction_state-0/00000000000000000000.log'
    const ongoing = readFileSync(join(root, path)).length
    crashCopy('prepared')
    await engine.endTxn(producer, 'commit')
    const ended = readFileSync(join(root, path))
    const prepared = 12 + ended.readInt32BE(ongoing + 8)
    writeFileSync(join(root, path.replace('data', 'prepared')), ended.subarray(0, ongoing + prepared))
    const again = await open('prepared')
    expect(readAll(again, t0, { isolation: 'read_committed' })).toEqual(['0:a'])
    await again.close()
    await engine.close()
  })

  it('a transaction that its coordinator has lost is aborted', async () => {
    const engine = await open()
    engine.createTopic({ name: 't', partitions: 1 })
    const producer = { transactionalId: 'tx', ...(await engine.initProducerId({ transactionalId: 'tx' })) }
    engine.append(t0, transactionalBatch(producer, 0, 'a'), { transactionalId: 'tx' })
    crashCopy('lost')
    rmSync(join(root, 'lost/__transaction_state-0'), { recursive: true })
    const again = await open('lost')
    expect(again.fetch(t0, 0).lastStableOffset).toBe(2)
    expect(readAll(again, t0, { isolation: 'read_committed' })).toEqual([])
    await again.close()
    await engine.close()
  })
})

describe('damage to what was durable', () => {
  it('in the middle of the log is named where it is read, and nothing else is lost', async () => {
    const engine = await open()
    engine.createTopic({ name: 't', partitions: 1, configs: { 'internal.segment.bytes': '200' } })
    for (let i = 0; i < 8; i++) engine.append(t0, batchOf([`v${i}`]))
    await engine.close()
    const path = join(root, 'data/t-0/00000000000000000002.log')
    const bytes = readFileSync(path)
    bytes[65] = bytes[65]! ^ 0x40
    writeFileSync(path, bytes)
    const again = await open()
    expect(() => readAll(again, t0)).toThrow(code('CORRUPT_MESSAGE'))
    expect(() => again.fetch(t0, 2)).toThrow(`${path} at byte 0`)
    expect(() => again.fetch(t0, 2)).toThrow('seek to offset 3')
    expect(readAll(again, t0, {}, 3)).toHaveLength(5)
    expect(readFileSync(path)).toEqual(bytes)
    await again.close()
  })

  it('by a file that is too short or missing stops the partition, says so, and changes nothing', async () => {
    const engine = await open()
    engine.createTopic({ name: 't', partitions: 2 })
    for (const value of ['a', 'b']) engine.append(t0, batchOf([value]))
    engine.append(t1, batchOf(['c']))
    await engine.close()
    const path = join(root, 'data/t-0/00000000000000000000.log')
    truncateSync(path, 100)
    const warnings: string[] = []
    let again = await open('data', warnings)
    expect(warnings).toEqual([expect.stringContaining(`${path} has 100 bytes, but 140 were written`)])
    expect(() => again.append(t0, batchOf(['x']))).toThrow(code('CORRUPT_MESSAGE'))
    expect(Buffer.from(again.fetch(t0, 0).batches)).toHaveLength(70)
    expect(again.fetch(t0, 0)).toMatchObject({ highWatermark: 2, lastStableOffset: 1 })
    expect(() => readAll(again, t0)).toThrow(`${path} at byte 70`)
    expect(again.append(t1, batchOf(['d'])).baseOffset).toBe(1)
    await again.commitOffsets({ groupId: 'g' }, [{ ...t1, offset: 1 }])
    await again.close()
    expect(readFileSync(path)).toHaveLength(100)
    rmSync(path)
    again = await open('data', warnings)
    expect(warnings.at(-1)).toContain(`${path} is missing`)
    expect(() => again.append(t0, batchOf(['x']))).toThrow('is missing')
    again.deleteTopic('t')
    again.createTopic({ name: 't', partitions: 1 })
    expect(again.append(t0, batchOf(['new'])).baseOffset).toBe(0)
    await again.close()
  })

  it('in what the engine keeps for itself is refused at open', async () => {
    const engine = await open()
    await engine.initProducerId({ transactionalId: 'tx' })
    await engine.close()
    const path = join(root, 'data/__transaction_state-0/00000000000000000000.log')
    const bytes = readFileSync(path)
    bytes[70] = bytes[70]! ^ 1
    writeFileSync(path, bytes)
    await expect(open()).rejects.toThrow(code('CORRUPT_MESSAGE'))
    await expect(open()).rejects.toThrow(path)
    expect(readFileSync(path)).toEqual(bytes)
  })
})

describe('a data directory', () => {
  it('in use by another process is refused, with its id; that of a dead process is taken over', {
    timeout: 120_000,
  }, async () => {
    const child = await start(await bundle('hold-directory', root), join(root, 'data'))
    await expect(open()).rejects.toThrow(code('LOG_DIRECTORY_LOCKED'))
    await expect(open()).rejects.toThrow(`${join(root, 'data')} is in use by process ${child.pid}`)
    await kill(child)
    const engine = await open()
    expect(readAll(engine, t0)).toEqual(['0:a'])
    await expect(open()).rejects.toThrow(code('LOG_DIRECTORY_LOCKED'))
    await engine.close()
    await (await open()).close()
  })

  it('that is not ours, or from a newer version, is refused and left alone', async () => {
    mkdirSync(join(root, 'photos'))
    writeFileSync(join(root, 'photos/cat.jpg'), '')
    await expect(open('photos')).rejects.toThrow(code('LOG_DIRECTORY_FOREIGN'))
    expect(existsSync(join(root, 'photos/millrace-log.json'))).toBe(false)
    await (await open()).close()
    writeFileSync(join(root, 'data/millrace-log.json'), '{"formatVersion":99,"clusterId":"x"}')
    await expect(open()).rejects.toThrow(code('LOG_FORMAT_TOO_NEW'))
    writeFileSync(join(root, 'data/millrace-log.json'), '{')
    await expect(open()).rejects.toThrow(code('LOG_METADATA_CORRUPT'))
    writeFileSync(join(root, 'file'), '')
    await expect(open('file')).rejects.toThrow(code('KAFKA_STORAGE_ERROR'))
  })
})
