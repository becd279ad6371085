import { AbortedTransactionFilter, RecordBatchBuilder, RecordBatchReader } from '@millrace/kafka-protocol'
import { describe, expect, it } from 'vitest'
import { type FileSystem, LogEngine, memoryFileSystem, type TransactionalProducer } from '../../src/index.ts'
import { readAll, t0 } from '../batches.ts'
import { ManualTime } from '../manual-time.ts'

const dayMs = 86_400_000
const configs = { 'cleanup.policy': 'compact', 'internal.segment.bytes': '600', 'index.interval.bytes': '50' }

/** One record per pair; a null value is a tombstone. */
function keyed(
  records: readonly (readonly [string, string | null])[],
  attributes = {},
  timestamp = 1_700_000_000_000,
): Uint8Array {
  const builder = new RecordBatchBuilder()
  for (const [key, value] of records)
    builder.append(timestamp, Buffer.from(key), value === null ? null : Buffer.from(value))
  return Uint8Array.from(builder.build(attributes))
}

/** `offset:key=value` of the records that a read_committed reader sees. */
function contents(engine: LogEngine): string[] {
  const found: string[] = []
  for (let offset = engine.listOffset(t0, 'earliest').offset; ; ) {
    const { batches, abortedTransactions } = engine.fetch(t0, offset, { isolation: 'read_committed' })
    if (batches.length === 0) return found
    const filter = new AbortedTransactionFilter(abortedTransactions)
    const reader = new RecordBatchReader(batches)
    while (reader.nextBatch()) {
      const isVisible = filter.isVisible(reader)
      while (isVisible && reader.nextRecord()) {
        const value = reader.value === null ? 'null' : Buffer.from(reader.value).toString()
        found.push(`${reader.offset}:${Buffer.from(reader.key!).toString()}=${value}`)
      }
      offset = reader.lastOffset + 1
    }
  }
}

function latest(records: readonly string[]): Map<string, string> {
  return new Map(records.map((record) => record.slice(record.indexOf(':') + 1).split('=') as [string, string]))
}

async function setUp(more: Record<string, string> = {}, time = new ManualTime(), fileSystem = memoryFileSystem()) {
  const open = (): Promise<LogEngine> => LogEngine.open({ dir: '/data', fileSystem, time })
  const engine = await open()
  engine.createTopic({ name: 't', partitions: 1, configs: { ...configs, ...more } })
  return { engine, time, open, fileSystem }
}

const logFiles = (fileSystem: FileSystem): string[] =>
  fileSystem.list('/data/t-0').filter((name) => name.endsWith('.log'))

describe('compaction', () => {
  it('keeps the last record of each key at its offset, and everything in the active segment', async () => {
    const { engine, open, fileSystem } = await setUp()
    for (let i = 0; i < 60; i++)
      engine.append(
        t0,
        keyed([
          [`k${i % 3}`, `v${i}`],
          ['other', 'x'],
        ]),
      )
    const before = contents(engine)
    await engine.maintain()
    const after = contents(engine)
    expect(after.length).toBeLessThan(30)
    expect(latest(after)).toEqual(latest(before))
    expect(before.slice(-after.length + 4)).toEqual(after.slice(4))
    expect(engine.listOffset(t0, 'latest').offset).toBe(120)
    expect(engine.fetch(t0, 1).batches.length).toBeGreaterThan(0)
    await engine.close()
    const again = await open()
    expect(contents(again)).toEqual(after)
    engine.describeTopic('t')
    for (let i = 0; i < 60; i++) again.append(t0, keyed([[`k${i % 4}`, `w${i}`]]))
    const grown = latest(contents(again))
    await again.maintain()
    expect(latest(contents(again))).toEqual(grown)
    expect(logFiles(fileSystem).length).toBeLessThan(12)
  })

  it('keeps a tombstone until delete.retention.ms after it was first cleaned', async () => {
    const { engine, time } = await setUp({ 'delete.retention.ms': '1000' })
    const fill = (): void => {
      for (let i = 0; i < 12; i++) engine.append(t0, keyed([['filler', `f${i}`]], {}, time.now()))
    }
    engine.append(
      t0,
      keyed([
        ['a', '1'],
        ['b', '1'],
      ]),
    )
    engine.append(t0, keyed([['a', null]]))
    fill()
    await engine.maintain()
    expect(contents(engine).slice(0, 2)).toEqual(['1:b=1', '2:a=null'])
    fill()
    await engine.maintain()
    expect(contents(engine)).toContain('2:a=null')
    time.advance(1000)
    fill()
    await engine.maintain()
    expect(contents(engine)[0]).toBe('1:b=1')
    expect(contents(engine)).not.toContain('2:a=null')
  })

  it('drops what was aborted, and never what an open transaction may still commit', async () => {
    const { engine, time } = await setUp({ 'delete.retention.ms': '0' })
    const producer: TransactionalProducer = {
      transactionalId: 'tx',
      ...(await engine.initProducerId({ transactionalId: 'tx' })),
    }
    let sequence = 0
    const send = (key: string, value: string): void => {
      const attributes = {
        producerId: producer.producerId,
        producerEpoch: producer.producerEpoch,
        baseSequence: sequence++,
      }
      engine.append(t0, keyed([[key, value]], { ...attributes, isTransactional: true }), { transactionalId: 'tx' })
    }
    engine.append(t0, keyed([['a', 'plain']]))
    send('a', 'aborted')
    await engine.endTxn(producer, 'abort')
    send('b', 'committed')
    await engine.endTxn(producer, 'commit')
    for (let i = 0; i < 12; i++) engine.append(t0, keyed([['filler', `f${i}`]]))
    await engine.maintain()
    expect(readAll(engine, t0).map((text) => text.split(':')[1])).not.toContain('aborted')
    expect(latest(contents(engine))).toEqual(
      new Map([
        ['a', 'plain'],
        ['b', 'committed'],
        ['filler', 'f11'],
      ]),
    )
    send('a', 'open')
    for (let i = 0; i < 12; i++) engine.append(t0, keyed([['filler', `g${i}`]]))
    const open = readAll(engine, t0)
    await engine.maintain()
    expect(readAll(engine, t0).slice(-13)).toEqual(open.slice(-13))
    await engine.endTxn(producer, 'commit')
    time.advance(1)
    for (let i = 0; i < 12; i++) engine.append(t0, keyed([['filler', `h${i}`]]))
    await engine.maintain()
    expect(latest(contents(engine))).toEqual(
      new Map([
        ['b', 'committed'],
        ['a', 'open'],
        ['filler', 'h11'],
      ]),
    )
  })

  it('remembers the sequence of a producer whose records are all gone', async () => {
    const { engine, open } = await setUp()
    const producer = await engine.initProducerId()
    const of = (baseSequence: number, value: string) => keyed([['a', value]], { ...producer, baseSequence })
    engine.append(t0, of(0, '0'))
    engine.append(t0, of(1, '1'))
    for (let i = 0; i < 20; i++) engine.append(t0, keyed([['a', `f${i}`]]))
    await engine.maintain()
    expect(contents(engine)[0]).not.toBe('1:a=1')
    await engine.close()
    const again = await open()
    expect(again.append(t0, of(1, '1'))).toMatchObject({ isDuplicate: true, baseOffset: 1 })
    expect(() => again.append(t0, of(3, '3'))).toThrow(
      expect.objectContaining({ code: 'OUT_OF_ORDER_SEQUENCE_NUMBER' }),
    )
  })

  it('waits for min.compaction.lag.ms and for the dirty ratio, but not beyond max.compaction.lag.ms', async () => {
    const { engine, time } = await setUp({
      'min.compaction.lag.ms': '1000',
      'max.compaction.lag.ms': String(dayMs),
      'min.cleanable.dirty.ratio': '0.9',
    })
    const send = (count: number): void => {
      for (let i = 0; i < count; i++) engine.append(t0, keyed([[`k${i % 40}`, `v${i}`]], {}, time.now()))
    }
    send(120)
    await engine.maintain()
    expect(contents(engine)).toHaveLength(120)
    time.advance(1001)
    await engine.maintain()
    const cleaned = contents(engine).length
    expect(cleaned).toBeLessThan(60)
    send(30)
    time.advance(1001)
    await engine.maintain()
    expect(contents(engine)).toHaveLength(cleaned + 30)
    time.advance(dayMs)
    await engine.maintain()
    expect(contents(engine).length).toBeLessThan(cleaned + 30)
  })

  it('rewrites compressed batches with their codec, and headers and timestamps as they were', async () => {
    const { engine } = await setUp()
    const builder = new RecordBatchBuilder()
    builder.append(1000, Buffer.from('a'), Buffer.from('old'))
    builder.append(500, Buffer.from('b'), Buffer.from('kept'), [{ key: 'h', value: Buffer.from('1') }])
    engine.append(t0, Uint8Array.from(builder.build({ compression: 'gzip' })))
    for (let i = 0; i < 20; i++) engine.append(t0, keyed([['a', `f${i}`]]))
    await engine.maintain()
    const reader = new RecordBatchReader(engine.fetch(t0, 0).batches)
    reader.nextBatch()
    reader.nextRecord()
    const { compression, offset, timestamp, maxTimestamp, lastOffset, isCrcValid } = reader
    expect({ compression, offset, timestamp, maxTimestamp, lastOffset, isCrcValid }).toEqual({
      compression: 'gzip',
      offset: 1,
      timestamp: 500,
      maxTimestamp: 500,
      lastOffset: 1,
      isCrcValid: true,
    })
    expect(reader.headers.map(({ key, value }) => [key, Buffer.from(value!).toString()])).toEqual([['h', '1']])
    expect(reader.nextRecord()).toBe(false)
  })

  it('goes on while records are appended', async () => {
    const { engine } = await setUp({ 'internal.segment.bytes': '50000' })
    for (let i = 0; i < 5000; i++) engine.append(t0, keyed([[`k${i % 100}`, `v${i}`.padEnd(100)]]))
    const cleaning = engine.maintain()
    let isDone = false
    void cleaning.then(() => (isDone = true))
    let appended = 0
    while (!isDone) {
      engine.append(t0, keyed([[`n${appended++}`, 'x']]))
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(appended).toBeGreaterThan(3)
    const seen = latest(contents(engine))
    expect(seen.size).toBe(100 + appended)
    expect(seen.get('k99')!.trim()).toBe('v4999')
  })
})
