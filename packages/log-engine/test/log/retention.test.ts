import { describe, expect, it } from 'vitest'
import { LogEngine, memoryFileSystem } from '../../src/index.ts'
import { batchOf, readAll, t0 } from '../batches.ts'
import { ManualTime } from '../manual-time.ts'

async function setUp(configs: Record<string, string>) {
  const time = new ManualTime()
  const engine = await LogEngine.open({ dir: '/data', fileSystem: memoryFileSystem(), time })
  engine.createTopic({ name: 't', partitions: 1, configs: { 'internal.segment.bytes': '200', ...configs } })
  const send = (count: number, timestamp = time.now()): void => {
    for (let i = 0; i < count; i++) engine.append(t0, batchOf([`v${i}`], {}, timestamp))
  }
  return { engine, time, send }
}

describe('retention', () => {
  it('by time removes whole segments whose records are all too old, by itself every five minutes', async () => {
    const { engine, time, send } = await setUp({ 'retention.ms': '600000' })
    send(4)
    time.advance(500_000)
    send(4)
    time.advance(100_000)
    expect(engine.listOffset(t0, 'earliest').offset).toBe(0)
    time.advance(300_000)
    expect(engine.listOffset(t0, 'earliest').offset).toBe(4)
    expect(readAll(engine, t0, {}, 4)).toHaveLength(4)
    time.advance(600_000)
    expect(engine.listOffset(t0, 'earliest').offset).toBe(8)
    expect(engine.append(t0, batchOf(['x'])).baseOffset).toBe(8)
  })

  it('by size removes the oldest segments that are too much', async () => {
    const { engine, send } = await setUp({ 'retention.bytes': '450', 'retention.ms': '-1' })
    send(20)
    await engine.maintain()
    const kept = 20 - engine.listOffset(t0, 'earliest').offset
    expect(kept * 70).toBeGreaterThanOrEqual(450)
    expect(kept * 70).toBeLessThan(450 + 210)
  })

  it('never happens to a topic that is only compacted', async () => {
    const { engine, time, send } = await setUp({
      'retention.ms': '1',
      'retention.bytes': '1',
      'cleanup.policy': 'compact',
    })
    send(20)
    time.advance(1_000_000)
    expect(engine.listOffset(t0, 'earliest').offset).toBe(0)
  })

  it('happens to a topic that is compacted and deleted', async () => {
    const { engine, time, send } = await setUp({ 'retention.ms': '1000', 'cleanup.policy': 'compact,delete' })
    send(20)
    time.advance(1_000_000)
    await engine.maintain()
    expect(engine.listOffset(t0, 'earliest').offset).toBe(20)
  })

  it('rolls a segment whose records span more than segment.ms', async () => {
    const { engine, time, send } = await setUp({
      'segment.ms': '1000',
      'internal.segment.bytes': '100000',
      'retention.ms': '5000',
    })
    send(2)
    time.advance(1001)
    send(2)
    time.advance(4500)
    await engine.maintain()
    expect(engine.listOffset(t0, 'earliest').offset).toBe(2)
  })
})
