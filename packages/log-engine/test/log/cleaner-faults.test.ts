import { RecordBatchBuilder, RecordBatchReader } from '@millrace/kafka-protocol'
import { describe, expect, it } from 'vitest'
import { type FileSystem, LogEngine, memoryFileSystem, type TopicPartition } from '../../src/index.ts'
import { FaultyDisk } from '../faults/faulty-disk.ts'
import { Random } from '../faults/random.ts'
import { ManualTime } from '../manual-time.ts'

const configs = { 'cleanup.policy': 'compact', 'internal.segment.bytes': '600', 'index.interval.bytes': '50' }
const broken: TopicPartition = { topic: 'broken', partition: 0 }
const sound: TopicPartition = { topic: 'sound', partition: 0 }
const both = [broken, sound]

function keyed(key: string, value: string): Uint8Array {
  const builder = new RecordBatchBuilder()
  builder.append(1_700_000_000_000, Buffer.from(key), Buffer.from(value))
  return Uint8Array.from(builder.build())
}

async function setUp(fileSystem: FileSystem) {
  const warnings: string[] = []
  const engine = await LogEngine.open({
    dir: '/data',
    fileSystem,
    time: new ManualTime(),
    onWarning: (message) => void warnings.push(message),
  })
  for (const { topic } of both) engine.createTopic({ name: topic, partitions: 1, configs })
  for (let i = 0; i < 60; i++) for (const partition of both) engine.append(partition, keyed(`k${i % 3}`, `v${i}`))
  await engine.sync()
  return { engine, warnings }
}

/** Values that can be had; over what is damaged the reader steps as the error says. */
function values(engine: LogEngine, partition: TopicPartition): string[] {
  const found: string[] = []
  const end = engine.listOffset(partition, 'latest').offset
  for (let offset = 0; offset < end; ) {
    try {
      const reader = new RecordBatchReader(engine.fetch(partition, offset).batches)
      while (reader.nextBatch()) {
        while (reader.nextRecord()) found.push(Buffer.from(reader.value!).toString())
        offset = reader.lastOffset + 1
      }
    } catch (error) {
      offset = Number(/seek to offset (\d+)/.exec((error as Error).message)![1])
    }
  }
  return found
}

const all = Array.from({ length: 60 }, (_, i) => `v${i}`)

describe('the cleaner', () => {
  it('says where a partition is damaged and leaves it as it is, while others are cleaned and appended to', async () => {
    const fileSystem = memoryFileSystem()
    const { engine, warnings } = await setUp(fileSystem)
    const segments = fileSystem.list('/data/broken-0').filter((name) => name.endsWith('.log'))
    const path = `/data/broken-0/${segments[2]}`
    const damaged = Buffer.from(fileSystem.readFile(path))
    const at = new RecordBatchReader(damaged)
    at.nextBatch()
    const position = at.nextPosition
    damaged[position + 65]! ^= 0x10
    fileSystem.open(path).write(damaged, 0)
    const files = () => segments.map((name) => Buffer.from(fileSystem.readFile(`/data/broken-0/${name}`)))
    const before = files()

    await engine.maintain()
    expect(warnings).toHaveLength(1)
    expect(warnings[0]).toContain('partition broken-0')
    expect(warnings[0]).toContain(`${path} is damaged at byte ${position}`)
    expect(files()).toEqual(before)
    expect(fileSystem.list('/data/broken-0').filter((name) => /cleaned|swap/.test(name))).toEqual([])
    const lost = `v${Number(segments[2]!.slice(0, 20)) + 1}`
    expect(values(engine, broken)).toEqual(all.filter((value) => value !== lost))
    expect(values(engine, sound).length).toBeLessThan(20)

    for (let i = 60; i < 120; i++) for (const partition of both) engine.append(partition, keyed(`k${i % 3}`, `v${i}`))
    await engine.maintain()
    expect(warnings).toHaveLength(1)
    expect(values(engine, broken)).toHaveLength(119)
    expect(values(engine, sound).length).toBeLessThan(20)
  })

  it('cannot read one partition: others are cleaned', async () => {
    const fileSystem = memoryFileSystem()
    let fails = false
    const { engine, warnings } = await setUp({
      ...bound(fileSystem),
      open: (path) => {
        const file = fileSystem.open(path)
        if (!/broken-0\/0+\.log$/.test(path)) return file
        const failing = bound(file)
        failing.read = (...read) => {
          if (!fails) return file.read(...read)
          throw Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO' })
        }
        return failing
      },
    })
    fails = true
    await engine.maintain()
    expect(warnings).toEqual([expect.stringMatching(/^Compaction of partition broken-0 failed.*EIO/)])
    expect(values(engine, sound).length).toBeLessThan(20)
  })

  it('has no space: what was begun goes, and it is tried again', async () => {
    const disk = new FaultyDisk(new Random(1))
    const { engine, warnings } = await setUp(disk.start())
    disk.space = 150
    await engine.maintain()
    expect(warnings).toHaveLength(2)
    expect(warnings[0]).toMatch(/tried again later: No space is left for \/data\/(broken|sound)-0/)
    expect(disk.paths().filter((path) => path.endsWith('.log.cleaned'))).toEqual([])
    for (const partition of both) expect(values(engine, partition).slice(-3)).toEqual(all.slice(-3))
    disk.space = Number.POSITIVE_INFINITY
    await engine.maintain()
    expect(warnings).toHaveLength(2)
    for (const partition of both) expect(values(engine, partition).length).toBeLessThan(20)
  })
})

/** An object of the same kind whose methods may be replaced. */
function bound<T extends object>(target: T): T {
  const copy: Record<string, unknown> = {}
  for (const name of Object.getOwnPropertyNames(Object.getPrototypeOf(target)))
    copy[name] = (target as Record<string, unknown>)[name]
  for (const [name, value] of Object.entries(copy)) if (typeof value === 'function') copy[name] = value.bind(target)
  return { ...target, ...copy } as T
}
