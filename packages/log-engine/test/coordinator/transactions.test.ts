import { describe, expect, it } from 'vitest'
import { LogEngine, memoryFileSystem, type ProducerIdentity, type TransactionalProducer } from '../../src/index.ts'
import { batchOf, readAll, t0, t1, transactionalBatch } from '../batches.ts'
import { ManualTime } from '../manual-time.ts'

const committed = { isolation: 'read_committed' } as const

async function setUp(fileSystem = memoryFileSystem(), time = new ManualTime()) {
  const open = (): Promise<LogEngine> => LogEngine.open({ dir: '/data', fileSystem, time })
  const engine = await open()
  engine.createTopic({ name: 't', partitions: 2 })
  return { engine, time, open }
}

async function initProducer(engine: LogEngine, transactionalId: string): Promise<TransactionalProducer> {
  return { transactionalId, ...(await engine.initProducerId({ transactionalId })) }
}

const code = (code: string) => expect.objectContaining({ name: 'EngineError', code })

describe('a transaction', () => {
  it('is invisible to read_committed until it commits, with its offsets', async () => {
    const { engine } = await setUp()
    const producer = await initProducer(engine, 'tx')
    const group = { groupId: 'g' }
    engine.addPartitionsToTxn(producer, [t0, t1])
    engine.append(t0, transactionalBatch(producer, 0, 'a', 'b'))
    engine.append(t1, transactionalBatch(producer, 0, 'c'))
    engine.addOffsetsToTxn(producer, 'g')
    engine.txnOffsetCommit(producer, group, [{ topic: 'in', partition: 0, offset: 42, metadata: 'm' }])
    expect(readAll(engine, t0, committed)).toEqual([])
    expect(readAll(engine, t0)).toEqual(['0:a', '1:b'])
    expect(engine.fetch(t0, 0).lastStableOffset).toBe(0)
    expect(engine.listOffset(t0, 'latest', 'read_committed').offset).toBe(0)
    expect(engine.fetchOffsets('g', [{ topic: 'in', partition: 0 }])[0]!.offset).toBe(-1)
    expect(() => engine.fetchOffsets('g', [{ topic: 'in', partition: 0 }], { requireStable: true })).toThrow(
      code('UNSTABLE_OFFSET_COMMIT'),
    )
    const waiting = engine.waitForData([{ ...t1, offset: 0 }], 1000, committed)
    await engine.endTxn(producer, 'commit')
    expect(await waiting).toBe(true)
    expect(readAll(engine, t0, committed)).toEqual(['0:a', '1:b'])
    expect(readAll(engine, t1, committed)).toEqual(['0:c'])
    expect(engine.fetch(t0, 0)).toMatchObject({ lastStableOffset: 3, highWatermark: 3 })
    expect(engine.fetchOffsets('g', null, { requireStable: true })).toEqual([
      { topic: 'in', partition: 0, offset: 42, leaderEpoch: -1, metadata: 'm' },
    ])
    await engine.endTxn(producer, 'commit')
    await expect(engine.endTxn(producer, 'abort')).rejects.toThrow(code('INVALID_TXN_STATE'))
  })

  it('leaves nothing visible when it aborts, among others that commit', async () => {
    const { engine, open } = await setUp()
    const [first, second] = [await initProducer(engine, 'one'), await initProducer(engine, 'two')]
    const options = (producer: TransactionalProducer) => ({ transactionalId: producer.transactionalId })
    engine.append(t0, transactionalBatch(first, 0, 'a'), options(first))
    engine.append(t0, transactionalBatch(second, 0, 'b'), options(second))
    engine.append(t0, batchOf(['plain']))
    engine.append(t0, transactionalBatch(first, 1, 'c'), options(first))
    expect(engine.fetch(t0, 0).lastStableOffset).toBe(0)
    await engine.endTxn(first, 'abort')
    expect(engine.fetch(t0, 0).lastStableOffset).toBe(1)
    await engine.endTxn(second, 'commit')
    engine.append(t0, transactionalBatch(first, 2, 'd'), options(first))
    await engine.endTxn(first, 'commit')
    expect(readAll(engine, t0, committed)).toEqual(['1:b', '2:plain', '6:d'])
    expect(engine.fetch(t0, 3, committed).abortedTransactions).toEqual([
      { producerId: first.producerId, firstOffset: 0 },
    ])
    expect(engine.fetch(t0, 5, committed).abortedTransactions).toEqual([])
    await engine.close()
    expect(readAll(await open(), t0, committed)).toEqual(['1:b', '2:plain', '6:d'])
  })

  it('commits offsets and records together with commitTransaction, or does nothing', async () => {
    const { engine } = await setUp()
    const producer = await initProducer(engine, 'tx')
    await engine.commitTransaction(producer, { groupId: 'g' }, [])
    await engine.commitTransaction(producer, { groupId: 'g' }, [{ ...t0, offset: 7 }])
    engine.append(t0, transactionalBatch(producer, 0, 'a'), { transactionalId: 'tx' })
    await engine.commitTransaction(producer, { groupId: 'g' }, [])
    expect(engine.fetchOffsets('g', [t0, t1]).map(({ offset }) => offset)).toEqual([7, -1])
    expect(readAll(engine, t0, committed)).toEqual(['0:a'])
  })

  it('has its offsets overtaken by a later plain commit', async () => {
    const { engine } = await setUp()
    const producer = await initProducer(engine, 'tx')
    engine.addOffsetsToTxn(producer, 'g')
    engine.txnOffsetCommit(producer, { groupId: 'g' }, [{ ...t0, offset: 5 }])
    await engine.commitOffsets({ groupId: 'g' }, [{ ...t0, offset: 6 }])
    await engine.endTxn(producer, 'commit')
    expect(engine.fetchOffsets('g', [t0])[0]!.offset).toBe(6)
  })

  it('accepts only what belongs to it', async () => {
    const { engine } = await setUp()
    const producer = await initProducer(engine, 'tx')
    const stranger: TransactionalProducer = { ...producer, producerId: 999n }
    expect(() => engine.append(t0, transactionalBatch(producer, 0, 'a'))).toThrow(code('INVALID_TXN_STATE'))
    expect(() => engine.append(t0, transactionalBatch(stranger, 0, 'a'))).toThrow(code('INVALID_PRODUCER_ID_MAPPING'))
    expect(() => engine.addPartitionsToTxn(stranger, [t0])).toThrow(code('INVALID_PRODUCER_ID_MAPPING'))
    expect(() => engine.addPartitionsToTxn(producer, [{ topic: 'none', partition: 0 }])).toThrow(
      code('UNKNOWN_TOPIC_OR_PARTITION'),
    )
    expect(() => engine.txnOffsetCommit(producer, { groupId: 'g' }, [])).toThrow(code('INVALID_TXN_STATE'))
    await expect(engine.endTxn(producer, 'commit')).rejects.toThrow(code('INVALID_TXN_STATE'))
    engine.addPartitionsToTxn(producer, [t0])
    engine.append(t0, transactionalBatch(producer, 0, 'a'))
    const plain = batchOf(['b'], { producerId: producer.producerId, producerEpoch: 0, baseSequence: 1 })
    expect(() => engine.append(t0, plain)).toThrow(code('INVALID_TXN_STATE'))
    expect(() => engine.append(t1, transactionalBatch(producer, 0, 'a'))).toThrow(code('INVALID_TXN_STATE'))
  })

  it('is not changed by others while it is being ended', async () => {
    const { engine } = await setUp()
    const producer = await initProducer(engine, 'tx')
    engine.append(t0, transactionalBatch(producer, 0, 'a'), { transactionalId: 'tx' })
    const ending = engine.endTxn(producer, 'commit')
    expect(() => engine.addPartitionsToTxn(producer, [t1])).toThrow(code('CONCURRENT_TRANSACTIONS'))
    expect(() => engine.append(t0, transactionalBatch(producer, 1, 'b'), { transactionalId: 'tx' })).toThrow(
      code('CONCURRENT_TRANSACTIONS'),
    )
    await expect(engine.endTxn(producer, 'commit')).rejects.toThrow(code('CONCURRENT_TRANSACTIONS'))
    const next = engine.initProducerId({ transactionalId: 'tx' })
    await ending
    expect((await next).producerEpoch).toBe(1)
    expect(readAll(engine, t0, committed)).toEqual(['0:a'])
  })
})

describe('initProducerId', () => {
  it('fences the producer before and aborts what it left open, also after a reopen', async () => {
    const { engine, open } = await setUp()
    const first = await initProducer(engine, 'tx')
    engine.append(t0, transactionalBatch(first, 0, 'a'), { transactionalId: 'tx' })
    const second = await initProducer(engine, 'tx')
    expect(second.producerId).toBe(first.producerId)
    expect(second.producerEpoch).toBeGreaterThan(first.producerEpoch)
    expect(() => engine.append(t0, transactionalBatch(first, 1, 'b'))).toThrow(code('INVALID_PRODUCER_EPOCH'))
    expect(() => engine.addPartitionsToTxn(first, [t0])).toThrow(code('PRODUCER_FENCED'))
    await expect(engine.endTxn(first, 'commit')).rejects.toThrow(code('PRODUCER_FENCED'))
    await expect(engine.initProducerId({ transactionalId: 'tx', current: first })).rejects.toThrow(
      code('PRODUCER_FENCED'),
    )
    engine.append(t0, transactionalBatch(second, 0, 'c'), { transactionalId: 'tx' })
    await engine.endTxn(second, 'commit')
    await engine.close()
    const again = await open()
    expect(readAll(again, t0, committed)).toEqual(['2:c'])
    const third = await initProducer(again, 'tx')
    expect(third.producerEpoch).toBe(second.producerEpoch + 1)
  })

  it('never gives a producer id twice, over any number of opens', async () => {
    const { engine, open } = await setUp()
    const seen: ProducerIdentity[] = []
    for (let i = 0; i < 1500; i++) seen.push(await engine.initProducerId())
    await engine.close()
    const again = await open()
    for (let i = 0; i < 10; i++) seen.push(await again.initProducerId())
    expect(new Set(seen.map(({ producerId }) => producerId)).size).toBe(1510)
  })

  it('refuses a time-out that is too long', async () => {
    const { engine } = await setUp()
    await expect(engine.initProducerId({ transactionalId: 'tx', transactionTimeoutMs: 900_001 })).rejects.toThrow(
      code('INVALID_TRANSACTION_TIMEOUT'),
    )
  })
})

describe('a transaction that runs out of time', () => {
  it('is aborted and its producer fenced', async () => {
    const { engine, time } = await setUp()
    const producer = {
      transactionalId: 'tx',
      ...(await engine.initProducerId({ transactionalId: 'tx', transactionTimeoutMs: 5000 })),
    }
    engine.append(t0, transactionalBatch(producer, 0, 'a'), { transactionalId: 'tx' })
    time.advance(4999)
    expect(engine.fetch(t0, 0).lastStableOffset).toBe(0)
    time.advance(1)
    await engine.waitForData([{ ...t0, offset: 1 }], 1000, committed)
    expect(readAll(engine, t0, committed)).toEqual([])
    expect(engine.fetch(t0, 0).lastStableOffset).toBe(2)
    await expect(engine.endTxn(producer, 'commit')).rejects.toThrow(code('PRODUCER_FENCED'))
  })

  it('is aborted in its own time while another may take longer', async () => {
    const { engine, time } = await setUp()
    const slow = { transactionalId: 'slow', transactionTimeoutMs: 900_000 }
    const quick = { transactionalId: 'quick', transactionTimeoutMs: 5000 }
    for (const request of [slow, quick]) {
      const producer = await engine.initProducerId(request)
      engine.append(t0, transactionalBatch(producer, 0, request.transactionalId), request)
    }
    time.advance(5000)
    await engine.waitForData([{ ...t0, offset: 2 }], 1000)
    expect(engine.describeTransaction('quick')?.status).toBe('complete-abort')
    expect(engine.describeTransaction('slow')?.status).toBe('ongoing')
  })

  it('is aborted also when the engine was closed meanwhile', async () => {
    const { engine, time, open } = await setUp()
    const producer = await initProducer(engine, 'tx')
    engine.append(t0, transactionalBatch(producer, 0, 'a'), { transactionalId: 'tx' })
    await engine.close()
    time.advance(1000)
    const again = await open()
    expect(again.fetch(t0, 0).lastStableOffset).toBe(0)
    time.advance(60_000)
    expect(await again.waitForData([{ ...t0, offset: 1 }], 1000, committed)).toBe(true)
    expect(readAll(again, t0, committed)).toEqual([])
  })
})

describe('a transactional id', () => {
  it('is forgotten when nothing has come of it for transactional.id.expiration.ms, unless it has a transaction open', async () => {
    const { engine, time, open } = await setUp()
    const [idle, busy] = [await initProducer(engine, 'idle'), await initProducer(engine, 'busy')]
    engine.append(t0, transactionalBatch(idle, 0, 'a'), { transactionalId: 'idle' })
    await engine.endTxn(idle, 'commit')
    const week = 7 * 86_400_000
    time.advance(week - 3_600_000)
    expect(engine.listTransactions().map(({ transactionalId }) => transactionalId)).toEqual(['busy', 'idle'])
    engine.append(t0, transactionalBatch(busy, 0, 'b'), { transactionalId: 'busy' })
    time.advance(3_600_000)
    expect(engine.describeTransaction('idle')).toBe(undefined)
    expect(engine.describeTransaction('busy')).toBeDefined()
    expect(() => engine.append(t0, transactionalBatch(idle, 1, 'c'), { transactionalId: 'idle' })).toThrow(
      code('INVALID_PRODUCER_ID_MAPPING'),
    )
    expect(() => engine.addPartitionsToTxn(idle, [t0])).toThrow(code('INVALID_PRODUCER_ID_MAPPING'))
    const next = await engine.initProducerId({ transactionalId: 'idle', current: idle })
    expect(next.producerEpoch).toBe(0)
    expect(next.producerId).toBeGreaterThan(busy.producerId)
    time.advance(week)
    await engine.close()
    const again = await open()
    expect(again.describeTransaction('idle')).toBe(undefined)
    expect(readAll(again, t0, committed)).toEqual(['0:a'])
  })

  it('lives as long as it is told', async () => {
    const time = new ManualTime()
    const engine = await LogEngine.open({
      dir: '/data',
      fileSystem: memoryFileSystem(),
      time,
      transactions: { transactionalIdExpirationMs: 1000 },
    })
    for (let i = 0; i < 2500; i++) await engine.initProducerId({ transactionalId: `id${i}` })
    time.advance(999)
    await engine.maintain()
    expect(engine.listTransactions()).toHaveLength(2500)
    time.advance(1)
    await engine.maintain()
    expect(engine.listTransactions()).toEqual([])
  })
})

describe('transaction version 2', () => {
  const raising = { raisesEpoch: true } as const
  const joining = (producer: TransactionalProducer) => ({ transactionalId: producer.transactionalId })

  it('raises the epoch with every end, and answers the same when the end is repeated', async () => {
    const { engine, open } = await setUp()
    const first = await initProducer(engine, 'tx')
    engine.append(t0, transactionalBatch(first, 0, 'a'), joining(first))
    engine.txnOffsetCommit(first, { groupId: 'g' }, [{ topic: 't', partition: 0, offset: 7 }], { joins: true })
    const next = await engine.endTxn(first, 'commit', raising)
    expect(next).toEqual({ producerId: first.producerId, producerEpoch: first.producerEpoch + 1 })
    expect(await engine.endTxn(first, 'commit', raising)).toEqual(next)
    await expect(engine.endTxn(first, 'abort', raising)).rejects.toThrow(code('INVALID_TXN_STATE'))
    expect(engine.fetchOffsets('g', null)).toMatchObject([{ offset: 7 }])
    // What is late does not get into the next transaction.
    expect(() => engine.append(t0, transactionalBatch(first, 1, 'late'), joining(first))).toThrow(
      code('INVALID_PRODUCER_EPOCH'),
    )
    await engine.close()
    const again = await open()
    expect(await again.endTxn(first, 'commit', raising)).toEqual(next)
    const second = { ...first, ...next }
    again.append(t0, transactionalBatch(second, 0, 'b'), joining(second))
    await expect(again.endTxn(first, 'commit', raising)).rejects.toThrow(code('PRODUCER_FENCED'))
    const third = await again.endTxn(second, 'abort', raising)
    expect(third.producerEpoch).toBe(2)
    await expect(again.endTxn({ ...first, ...third }, 'commit', raising)).rejects.toThrow(code('INVALID_TXN_STATE'))
    await expect(again.endTxn(second, 'commit', raising)).rejects.toThrow(code('INVALID_TXN_STATE'))
    expect(readAll(again, t0, committed)).toEqual(['0:a'])
  })

  it('lets a transaction be aborted that has not begun', async () => {
    const { engine } = await setUp()
    const first = await initProducer(engine, 'tx')
    await expect(engine.endTxn(first, 'commit', raising)).rejects.toThrow(code('INVALID_TXN_STATE'))
    const next = await engine.endTxn(first, 'abort', raising)
    expect(next.producerEpoch).toBe(1)
    expect(await engine.endTxn(first, 'abort', raising)).toEqual(next)
  })

  it('goes on with another producer id when the epochs are used up', async () => {
    const { engine, open } = await setUp()
    let producer = await initProducer(engine, 'tx')
    for (let i = 0; i < 32_765; i++) producer = { ...producer, ...(await engine.endTxn(producer, 'abort', raising)) }
    expect(producer.producerEpoch).toBe(32_765)
    producer = { ...producer, ...(await engine.endTxn(producer, 'abort', raising)) }
    engine.append(t0, transactionalBatch(producer, 0, 'a'), joining(producer))
    const next = await engine.endTxn(producer, 'commit', raising)
    expect(next.producerEpoch).toBe(0)
    expect(next.producerId).not.toBe(producer.producerId)
    await engine.close()
    const again = await open()
    expect(await again.endTxn(producer, 'commit', raising)).toEqual(next)
    expect(() => again.append(t0, transactionalBatch(producer, 1, 'late'), joining(producer))).toThrow(
      code('INVALID_PRODUCER_ID_MAPPING'),
    )
    const last = { ...producer, ...next }
    again.append(t0, transactionalBatch(last, 0, 'b'), joining(last))
    await again.endTxn(last, 'commit', raising)
    expect(readAll(again, t0, committed)).toEqual(['0:a', '2:b'])
  })

  it('is fenced by a time-out', async () => {
    const { engine, time } = await setUp()
    const producer = await initProducer(engine, 'tx')
    engine.append(t0, transactionalBatch(producer, 0, 'a'), joining(producer))
    time.advance(61_000)
    await new Promise(setImmediate)
    await expect(engine.endTxn(producer, 'abort', raising)).rejects.toThrow(code('PRODUCER_FENCED'))
    expect(readAll(engine, t0, committed)).toEqual([])
  })
})
