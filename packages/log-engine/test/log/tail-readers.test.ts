import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { RecordBatchReader } from '@millrace/kafka-protocol'
import { describe, expect, it } from 'vitest'
import { EngineError, LogEngine, memoryFileSystem } from '../../src/index.ts'
import { batchOf, t0 } from '../batches.ts'
import { Random } from '../faults/random.ts'
import { ManualTime } from '../manual-time.ts'

const seeds = Number(process.env['TAIL_SEEDS'] ?? 15)

/** Of a compacted topic some records are gone; of another none but at its start. */
type Policy = 'delete' | 'compact,delete'

/** Reads on from where it was; what retention has taken from under it, it skips, as a consumer does. */
class TailReader {
  #offset = 0
  #last = -1
  skips = 0

  read(engine: LogEngine, maxBytes: number, policy: Policy): void {
    const first = engine.listOffset(t0, 'earliest').offset
    if (this.#offset < first) {
      expect(() => engine.fetch(t0, this.#offset)).toThrow(expect.objectContaining({ code: 'OFFSET_OUT_OF_RANGE' }))
      this.#offset = first
      this.#last = first - 1
      this.skips++
    }
    const reader = new RecordBatchReader(engine.fetch(t0, this.#offset, { maxBytes }).batches)
    while (reader.nextBatch()) {
      while (reader.nextRecord()) {
        if (reader.offset < this.#offset) continue
        const number = Number(Buffer.from(reader.value!).toString().split(':')[0])
        const follows = policy === 'delete' ? number === this.#last + 1 : number > this.#last
        if (!follows || number !== reader.offset) {
          throw new Error(`record ${number} at offset ${reader.offset} after record ${this.#last}`)
        }
        this.#last = number
      }
      this.#offset = reader.lastOffset + 1
    }
  }

  get offset(): number {
    return this.#offset
  }
}

/** Appends, reads, rolls, deletes, compacts and syncs in an order that the seed decides. */
async function run(engine: LogEngine, time: ManualTime, random: Random, policy: Policy): Promise<number> {
  const segmentBytes = 600 + random.below(3000)
  engine.createTopic({
    name: 't',
    partitions: 1,
    configs: {
      'internal.segment.bytes': `${segmentBytes}`,
      'retention.bytes': `${2 * segmentBytes}`,
      'retention.ms': '-1',
      'segment.ms': '60000',
      'index.interval.bytes': `${random.below(400)}`,
      'cleanup.policy': policy,
      'min.cleanable.dirty.ratio': '0.1',
    },
  })
  const readers = [new TailReader(), new TailReader(), new TailReader()]
  const maintaining: Promise<void>[] = []
  let next = 0
  for (let step = 0; step < 300; step++) {
    const action = random.next()
    if (action < 0.35) {
      const values = Array.from(
        { length: 1 + random.below(4) },
        (_, i) => `${next + i}:${'x'.repeat(random.below(60))}`,
      )
      next += values.length
      engine.append(t0, batchOf(values, {}, time.now()))
    } else if (action < 0.85) {
      // The first reads nearly every time, the last seldom.
      const reader = readers[Math.floor(random.next() ** 3 * readers.length)]!
      reader.read(engine, 1 + random.below(2000), policy)
    } else if (action < 0.9) maintaining.push(engine.maintain())
    else if (action < 0.92)
      engine.deleteRecords(t0, Math.max(engine.listOffset(t0, 'earliest').offset, next - random.below(20)))
    else if (action < 0.94) time.advance(30_000)
    else if (action < 0.97) void engine.sync()
    else await setImmediate()
  }
  await Promise.all(maintaining)
  for (const reader of readers) {
    while (reader.offset < next) reader.read(engine, 10_000, policy)
  }
  return readers.reduce((sum, { skips }) => sum + skips, 0)
}

describe('readers at the tail', () => {
  it('go on in the next segment when the one that they have read to its end is sealed', async () => {
    const engine = await LogEngine.open({ dir: '/data', fileSystem: memoryFileSystem(), time: new ManualTime() })
    engine.createTopic({ name: 't', partitions: 1, configs: { 'internal.segment.bytes': '200' } })
    for (let i = 0; i < 20; i++) {
      engine.append(t0, batchOf([`v${i}`]))
      const reader = new RecordBatchReader(engine.fetch(t0, i).batches)
      expect(reader.nextBatch()).toBe(true)
      expect(reader.baseOffset).toBe(i)
    }
    await engine.close()
  })

  for (const policy of ['delete', 'compact,delete'] as const) {
    it(`see all records, once and in order, while segments are rolled and removed (${policy}; TAIL_SEEDS)`, async () => {
      let skips = 0
      for (let seed = 1; seed <= seeds; seed++) {
        const time = new ManualTime()
        const engine = await LogEngine.open({ dir: '/data', fileSystem: memoryFileSystem(), time })
        try {
          skips += await run(engine, time, new Random(seed), policy)
        } catch (error) {
          throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : error}`, { cause: error })
        }
        await engine.close()
      }
      expect(skips, 'readers that were overtaken').toBeGreaterThan(0)
    })
  }

  it('see them so on a disk', async () => {
    const seed = Math.floor(Math.random() * 2 ** 31)
    const dir = mkdtempSync(join(tmpdir(), 'millrace-tail-'))
    const time = new ManualTime()
    const engine = await LogEngine.open({ dir, time })
    try {
      await run(engine, time, new Random(seed), 'delete')
    } catch (error) {
      throw new Error(`seed ${seed}: ${error instanceof EngineError ? error.message : error}`, { cause: error })
    } finally {
      await engine.close()
      rmSync(dir, { recursive: true, force: true })
    }
  })
})
