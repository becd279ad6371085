import { prepareCompression, RecordBatchReader } from '@millrace/kafka-protocol'
import { describe, expect, it } from 'vitest'
import { type FileSystem, LogEngine, memoryFileSystem } from '../src/index.ts'
import { batchOf, producerBatch, readAll, t0, t1 } from './batches.ts'
import { FaultyDisk } from './faults/faulty-disk.ts'
import { Random } from './faults/random.ts'
import { ManualTime } from './manual-time.ts'

const open = (fileSystem: FileSystem = memoryFileSystem(), time = new ManualTime()): Promise<LogEngine> =>
  LogEngine.open({ dir: '/data', fileSystem, time })

describe('topics', () => {
  it('are there again after reopening, with id, partitions and configs', async () => {
    const fileSystem = memoryFileSystem()
    const engine = await open(fileSystem)
    const created = engine.createTopic({ name: 't', partitions: 3, configs: { 'cleanup.policy': 'compact' } })
    expect(created).toMatchObject({
      name: 't',
      partitions: 3,
      isInternal: false,
      configs: { 'cleanup.policy': 'compact' },
    })
    expect(created.topicId).toHaveLength(22)
    await engine.close()
    const again = await open(fileSystem)
    expect(again.describeTopic('t')).toEqual(created)
    expect(again.listTopics().map(({ name }) => name)).toEqual(['__consumer_offsets', '__transaction_state', 't'])
    expect(again.clusterId).toBe(engine.clusterId)
  })

  it('keep configs that have no effect, and say so', async () => {
    const warnings: string[] = []
    const engine = await LogEngine.open({
      dir: '/data',
      fileSystem: memoryFileSystem(),
      time: new ManualTime(),
      onWarning: (message) => warnings.push(message),
    })
    engine.createTopic({ name: 't', partitions: 1, configs: { 'flush.messages': '1', preallocate: 'false' } })
    expect(warnings).toEqual([
      "Topic t: flush.messages is kept and without effect. When records are synced is set for all topics by 'flush'.",
    ])
    engine.alterTopicConfigs('t', { 'compression.zstd.level': '9', preallocate: 'true', 'flush.messages': null })
    expect(warnings.slice(1)).toEqual(['Topic t: compression.zstd.level, preallocate are kept and without effect.'])
    expect(engine.describeTopic('t')!.configs).toEqual({ 'compression.zstd.level': '9', preallocate: 'true' })
    await engine.close()
  })

  it('are gone when deleted, with their data and committed offsets, and new when made again', async () => {
    const fileSystem = memoryFileSystem()
    const engine = await open(fileSystem)
    const first = engine.createTopic({ name: 't', partitions: 1 })
    engine.append(t0, batchOf(['a']))
    await engine.commitOffsets({ groupId: 'g' }, [{ ...t0, offset: 1 }])
    engine.deleteTopic('t')
    expect(() => engine.fetch(t0, 0)).toThrow(expect.objectContaining({ code: 'UNKNOWN_TOPIC_OR_PARTITION' }))
    expect(engine.fetchOffsets('g', null)).toEqual([])
    const second = engine.createTopic({ name: 't', partitions: 1 })
    expect(second.topicId).not.toBe(first.topicId)
    expect(readAll(engine, t0)).toEqual([])
    await engine.close()
    expect((await open(fileSystem)).describeTopic('t')).toEqual(second)
  })

  it('are opened one partition after the other, which is told', async () => {
    const fileSystem = memoryFileSystem()
    const engine = await open(fileSystem)
    engine.createTopic({ name: 't', partitions: 3 })
    await engine.close()
    const told: string[] = []
    const onProgress = (opened: number, partitions: number) => void told.push(`${opened}/${partitions}`)
    await LogEngine.open({ dir: '/data', fileSystem, time: new ManualTime(), onProgress })
    expect(told).toEqual(['2/6', '3/6', '4/6', '5/6', '6/6'])
  })

  it('are gone without harm to a sync that is under way', async () => {
    const disk = new FaultyDisk(new Random(3))
    const engine = await LogEngine.open({ dir: '/disk/data', fileSystem: disk.start() })
    for (let i = 0; i < 20; i++) {
      engine.createTopic({ name: 't', partitions: 1 })
      engine.append(t0, batchOf(['a']))
      const syncing = engine.sync()
      for (let turns = i; turns > 0; turns--) await Promise.resolve()
      engine.deleteTopic('t')
      await syncing
    }
    expect(engine.describeTopic('t')).toBe(undefined)
  })

  it('get more partitions and other configs while they are in use', async () => {
    const fileSystem = memoryFileSystem()
    let engine = await open(fileSystem)
    const { topicId } = engine.createTopic({ name: 't', partitions: 1, configs: { 'max.message.bytes': '100' } })
    engine.append(t0, batchOf(['a']))
    expect(engine.createPartitions('t', 2)).toMatchObject({ topicId, partitions: 2 })
    engine.append(t1, batchOf(['b']))
    expect(() => engine.createPartitions('t', 2)).toThrow(expect.objectContaining({ code: 'INVALID_PARTITIONS' }))
    expect(() => engine.append(t0, batchOf(['x'.repeat(99)]))).toThrow(
      expect.objectContaining({ code: 'MESSAGE_TOO_LARGE' }),
    )
    engine.alterTopicConfigs('t', { 'max.message.bytes': '1000', 'retention.ms': '5' })
    engine.append(t0, batchOf(['x'.repeat(99)]))
    engine.alterTopicConfigs('t', { 'retention.ms': null })
    expect(() => engine.alterTopicConfigs('t', { 'retention.ms': 'x' })).toThrow(
      expect.objectContaining({ code: 'INVALID_CONFIG' }),
    )
    await engine.close()
    engine = await open(fileSystem)
    expect(engine.describeTopic('t')).toMatchObject({
      topicId,
      partitions: 2,
      configs: { 'max.message.bytes': '1000' },
    })
    const configs = new Map(engine.describeTopicConfigs('t').map((config) => [config.name, config]))
    expect(configs.get('max.message.bytes')).toMatchObject({ value: '1000', isDefault: false })
    expect(configs.get('retention.ms')).toMatchObject({ value: '604800000', isDefault: true })
    expect(readAll(engine, t1)).toEqual(['0:b'])
  })

  it.each([
    [{ name: 'a/b', partitions: 1 }, 'INVALID_TOPIC_EXCEPTION'],
    [{ name: '__consumer_offsets', partitions: 1 }, 'INVALID_TOPIC_EXCEPTION'],
    [{ name: 'a', partitions: 0 }, 'INVALID_PARTITIONS'],
    [{ name: 'a', partitions: 1, configs: { 'retention.hours': '1' } }, 'INVALID_CONFIG'],
    [{ name: 'a', partitions: 1, configs: { 'segment.bytes': 'big' } }, 'INVALID_CONFIG'],
    [{ name: 't', partitions: 1 }, 'TOPIC_ALREADY_EXISTS'],
  ])('are refused when %o', async (topic, code) => {
    const engine = await open()
    engine.createTopic({ name: 't', partitions: 1 })
    expect(() => engine.createTopic(topic)).toThrow(expect.objectContaining({ code }))
  })
})

describe('append and fetch', () => {
  it('give batches consecutive offsets and return them whole', async () => {
    const engine = await open()
    engine.createTopic({ name: 't', partitions: 1 })
    expect(engine.append(t0, batchOf(['a', 'b']))).toMatchObject({ baseOffset: 0, lastOffset: 1, logAppendTime: -1 })
    expect(engine.append(t0, Buffer.concat([batchOf(['c']), batchOf(['d', 'e'])]))).toMatchObject({
      baseOffset: 2,
      lastOffset: 4,
    })
    const fetched = engine.fetch(t0, 1)
    expect(fetched).toMatchObject({
      highWatermark: 5,
      lastStableOffset: 5,
      logStartOffset: 0,
      abortedTransactions: null,
    })
    expect(readAll(engine, t0, {}, 1)).toEqual(['1:b', '2:c', '3:d', '4:e'])
    expect(readAll(engine, t0, { maxBytes: 1 })).toEqual(['0:a', '1:b', '2:c', '3:d', '4:e'])
    expect(engine.fetch(t0, 5).batches).toHaveLength(0)
    expect(() => engine.fetch(t0, 6)).toThrow(expect.objectContaining({ code: 'OFFSET_OUT_OF_RANGE' }))
  })

  it('keep everything over a reopen and over segments', async () => {
    const fileSystem = memoryFileSystem()
    let engine = await open(fileSystem)
    engine.createTopic({
      name: 't',
      partitions: 1,
      configs: { 'internal.segment.bytes': '500', 'index.interval.bytes': '100' },
    })
    const expected: string[] = []
    for (let i = 0; i < 100; i++) {
      engine.append(t0, batchOf([`v${i}`]))
      expected.push(`${i}:v${i}`)
    }
    for (let from = 0; from < 100; from++) expect(readAll(engine, t0, {}, from)).toEqual(expected.slice(from))
    await engine.close()
    engine = await open(fileSystem)
    for (let from = 0; from < 100; from++)
      expect(readAll(engine, t0, { maxBytes: 200 }, from)).toEqual(expected.slice(from))
    engine.append(t0, batchOf(['x']))
    expect(readAll(engine, t0, {}, 99)).toEqual(['99:v99', '100:x'])
  })

  it('stamp batches under LogAppendTime', async () => {
    const time = new ManualTime(5000)
    const engine = await open(memoryFileSystem(), time)
    engine.createTopic({ name: 't', partitions: 1, configs: { 'message.timestamp.type': 'LogAppendTime' } })
    expect(engine.append(t0, batchOf(['a'])).logAppendTime).toBe(5000)
    const reader = new RecordBatchReader(engine.fetch(t0, 0).batches)
    reader.nextBatch()
    reader.nextRecord()
    expect([reader.timestamp, reader.hasLogAppendTime, reader.isCrcValid]).toEqual([5000, true, true])
  })

  it('recompress what comes with another codec than the topic wants', async () => {
    await prepareCompression()
    const engine = await open()
    for (const type of ['gzip', 'snappy', 'lz4', 'zstd', 'uncompressed'] as const) {
      engine.createTopic({ name: type, partitions: 1, configs: { 'compression.type': type } })
      const partition = { topic: type, partition: 0 }
      const { producerId, producerEpoch } = await engine.initProducerId()
      const attributes = { producerId, producerEpoch, baseSequence: 0, compression: 'gzip' } as const
      engine.append(partition, batchOf(['a', 'b'.repeat(500)], attributes))
      const reader = new RecordBatchReader(engine.fetch(partition, 0).batches)
      reader.nextBatch()
      expect(reader.compression).toBe(type === 'uncompressed' ? 'none' : type)
      expect([reader.producerId, reader.baseSequence, reader.lastOffset]).toEqual([producerId, 0, 1])
      expect(readAll(engine, partition)).toEqual(['0:a', `1:${'b'.repeat(500)}`])
    }
  })

  it('refuse what is not a sound batch, and write nothing', async () => {
    const engine = await open()
    engine.createTopic({
      name: 't',
      partitions: 1,
      configs: { 'cleanup.policy': 'compact', 'max.message.bytes': '300' },
    })
    const broken = batchOf(['a'])
    broken[68] = broken[68]! ^ 1
    const keyless = batchOf([])
    const refusals: [Uint8Array, string][] = [
      [broken, 'CORRUPT_MESSAGE'],
      [Buffer.concat([batchOf(['a']), broken]), 'CORRUPT_MESSAGE'],
      [batchOf(['a']).subarray(0, 65), 'CORRUPT_MESSAGE'],
      [new Uint8Array(3), 'CORRUPT_MESSAGE'],
      [keyless, 'INVALID_RECORD'],
      [batchOf(['x'.repeat(300)]), 'MESSAGE_TOO_LARGE'],
      [batchOf(['a'], { lastOffsetDelta: 4 }), 'INVALID_RECORD'],
      [batchOf(['a'], { isControl: true }), 'INVALID_RECORD'],
      [batchOf(['a'], {}, 1_700_003_700_001), 'INVALID_TIMESTAMP'],
    ]
    for (const [bytes, code] of refusals) {
      expect(() => engine.append(t0, bytes), code).toThrow(expect.objectContaining({ name: 'EngineError', code }))
    }
    expect(engine.listOffset(t0, 'latest').offset).toBe(0)
  })

  it('find offsets by timestamp', async () => {
    const engine = await open()
    engine.createTopic({
      name: 't',
      partitions: 1,
      configs: { 'internal.segment.bytes': '400', 'index.interval.bytes': '1' },
    })
    for (let i = 0; i < 30; i++) engine.append(t0, batchOf(['a', 'b'], {}, 1000 * i))
    for (let i = 0; i < 30; i++) {
      expect(engine.listOffset(t0, { timestamp: 1000 * i })).toMatchObject({ offset: 2 * i, timestamp: 1000 * i })
      expect(engine.listOffset(t0, { timestamp: 1000 * i - 1 }).offset).toBe(2 * i)
    }
    expect(engine.listOffset(t0, { timestamp: 29_001 })).toMatchObject({ offset: -1, timestamp: -1 })
    expect(engine.listOffset(t0, 'max-timestamp')).toMatchObject({ offset: 58, timestamp: 29_000 })
    expect(engine.listOffset(t0, 'earliest').offset).toBe(0)
    expect(engine.listOffset(t0, 'latest').offset).toBe(60)
  })
})

describe('deleteRecords', () => {
  it('moves the log start offset, also over a reopen, and removes whole segments', async () => {
    const fileSystem = memoryFileSystem()
    let engine = await open(fileSystem)
    engine.createTopic({ name: 't', partitions: 1, configs: { 'internal.segment.bytes': '300' } })
    for (let i = 0; i < 20; i++) engine.append(t0, batchOf([`v${i}`]))
    const segments = (): number => fileSystem.list('/data/t-0').filter((name) => name.endsWith('.log')).length
    const before = segments()
    expect(engine.deleteRecords(t0, 13)).toBe(13)
    expect(engine.deleteRecords(t0, 2)).toBe(13)
    await engine.sync()
    expect(segments()).toBeLessThan(before)
    expect(() => engine.fetch(t0, 12)).toThrow(expect.objectContaining({ code: 'OFFSET_OUT_OF_RANGE' }))
    expect(() => engine.deleteRecords(t0, 21)).toThrow(expect.objectContaining({ code: 'OFFSET_OUT_OF_RANGE' }))
    await engine.close()
    engine = await open(fileSystem)
    expect(engine.listOffset(t0, 'earliest').offset).toBe(13)
    expect(readAll(engine, t0, {}, 18)).toEqual(['18:v18', '19:v19'])
    expect(engine.deleteRecords(t0, -1)).toBe(20)
    await engine.close()
    engine = await open(fileSystem)
    expect(engine.append(t0, batchOf(['x'])).baseOffset).toBe(20)
  })
})

describe('waitForData', () => {
  it('settles when one of the partitions gets data', async () => {
    const engine = await open()
    engine.createTopic({ name: 't', partitions: 2 })
    const waiting = engine.waitForData(
      [
        { ...t0, offset: 0 },
        { ...t1, offset: 0 },
      ],
      1000,
    )
    engine.append(t1, batchOf(['a']))
    expect(await waiting).toBe(true)
    expect(await engine.waitForData([{ ...t1, offset: 0 }], 1000)).toBe(true)
  })

  it('settles with false after the time, on abort and on close', async () => {
    const time = new ManualTime()
    const engine = await open(memoryFileSystem(), time)
    engine.createTopic({ name: 't', partitions: 1 })
    const aborter = new AbortController()
    const late = engine.waitForData([{ ...t0, offset: 0 }], 100)
    const aborted = engine.waitForData([{ ...t0, offset: 0 }], 1000, { signal: aborter.signal })
    const closed = engine.waitForData([{ ...t0, offset: 0 }], 1000)
    time.advance(100)
    expect(await late).toBe(false)
    aborter.abort()
    expect(await aborted).toBe(false)
    await engine.close()
    expect(await closed).toBe(false)
    expect(() => engine.fetch(t0, 0)).toThrow(expect.objectContaining({ code: 'LOG_ENGINE_CLOSED' }))
  })
})

describe('an idempotent producer', () => {
  it('gets duplicates answered with the first offsets, also after a reopen', async () => {
    const fileSystem = memoryFileSystem()
    let engine = await open(fileSystem)
    engine.createTopic({ name: 't', partitions: 1 })
    const producer = await engine.initProducerId()
    for (let i = 0; i < 7; i++) engine.append(t0, producerBatch(producer, i, `v${i}`))
    expect(engine.append(t0, producerBatch(producer, 2, 'v2'))).toMatchObject({ baseOffset: 2, isDuplicate: true })
    expect(() => engine.append(t0, producerBatch(producer, 1, 'v1'))).toThrow(
      expect.objectContaining({ code: 'DUPLICATE_SEQUENCE_NUMBER' }),
    )
    await engine.close()
    engine = await open(fileSystem)
    expect(engine.append(t0, producerBatch(producer, 6, 'v6'))).toMatchObject({ baseOffset: 6, isDuplicate: true })
    expect(engine.append(t0, producerBatch(producer, 7, 'v7'))).toMatchObject({ baseOffset: 7, isDuplicate: false })
  })

  it('is refused with a gap or an old epoch', async () => {
    const engine = await open()
    engine.createTopic({ name: 't', partitions: 1 })
    const { producerId } = await engine.initProducerId()
    engine.append(t0, producerBatch({ producerId, producerEpoch: 1 }, 0, 'a', 'b'))
    const append = (producerEpoch: number, sequence: number) => () =>
      engine.append(t0, producerBatch({ producerId, producerEpoch }, sequence, 'x'))
    expect(append(1, 3)).toThrow(expect.objectContaining({ code: 'OUT_OF_ORDER_SEQUENCE_NUMBER' }))
    expect(append(0, 2)).toThrow(expect.objectContaining({ code: 'INVALID_PRODUCER_EPOCH' }))
    expect(append(2, 2)).toThrow(expect.objectContaining({ code: 'OUT_OF_ORDER_SEQUENCE_NUMBER' }))
    expect(append(2, 0)()).toMatchObject({ baseOffset: 2 })
  })

  it('may send several batches in one append, in sequence', async () => {
    const engine = await open()
    engine.createTopic({ name: 't', partitions: 1 })
    const producer = await engine.initProducerId()
    const good = Buffer.concat([producerBatch(producer, 0, 'a', 'b'), producerBatch(producer, 2, 'c')])
    const bad = Buffer.concat([producerBatch(producer, 3, 'd'), producerBatch(producer, 5, 'e')])
    expect(engine.append(t0, good)).toMatchObject({ baseOffset: 0, lastOffset: 2 })
    expect(() => engine.append(t0, bad)).toThrow(expect.objectContaining({ code: 'OUT_OF_ORDER_SEQUENCE_NUMBER' }))
    expect(engine.listOffset(t0, 'latest').offset).toBe(3)
  })
})
