import { expect, it } from 'vitest'
import { type FileSystem, LogEngine, type LogFile, memoryFileSystem } from '../../src/index.ts'
import { batchOf, producerBatch, readAll, t0 } from '../batches.ts'
import { ManualTime } from '../manual-time.ts'

/** Bytes read from the log files of `t-0`. */
class Counting {
  bytes = 0

  of(inner: FileSystem): FileSystem {
    const countIn = (file: LogFile): LogFile => ({
      size: () => file.size(),
      read: (target, start, length, position) => {
        const read = file.read(target, start, length, position)
        this.bytes += read
        return read
      },
      write: (bytes, position) => file.write(bytes, position),
      truncate: (size) => file.truncate(size),
      sync: () => file.sync(),
      close: () => file.close(),
    })
    return {
      bootId: inner.bootId,
      makeDirectory: (path) => inner.makeDirectory(path),
      list: (path) => inner.list(path),
      exists: (path) => inner.exists(path),
      open: (path) => (/t-0\/\d+\.log$/.test(path) ? countIn(inner.open(path)) : inner.open(path)),
      readFile: (path) => inner.readFile(path),
      rename: (from, to) => inner.rename(from, to),
      remove: (path) => inner.remove(path),
      syncDirectory: (path) => inner.syncDirectory(path),
      settle: (path) => inner.settle(path),
      // A process that died holds nothing.
      lock: () => () => {},
    }
  }
}

it('an open after a crash reads a partition from its last note on, whatever its length, and knows all producers', async () => {
  const fileSystem = memoryFileSystem()
  const counting = new Counting()
  const checkpointBytes = 100_000
  const open = (): Promise<LogEngine> =>
    LogEngine.open({ dir: '/data', fileSystem: counting.of(fileSystem), time: new ManualTime(), checkpointBytes })
  const engine = await open()
  engine.createTopic({ name: 't', partitions: 1, configs: { 'internal.segment.bytes': '1000000' } })
  const early = await engine.initProducerId()
  engine.append(t0, producerBatch(early, 0, 'first'))
  for (let i = 0; i < 4000; i++) engine.append(t0, batchOf(['x'.repeat(1000)]))
  // A sync that is under way when a process dies has what it was to sync written again.
  await engine.sync()
  for (let i = 0; i < 500; i++) engine.append(t0, batchOf(['x'.repeat(100)]))
  const size = engine.sizeInBytes(t0)
  expect(size).toBeGreaterThan(4_000_000)
  counting.bytes = 0
  const again = await open()
  expect(counting.bytes).toBeLessThan(checkpointBytes * 3)
  expect(again.listOffset(t0, 'latest').offset).toBe(4501)
  expect(again.append(t0, producerBatch(early, 0, 'first'))).toMatchObject({ isDuplicate: true, baseOffset: 0 })
  expect(readAll(again, t0, {}, 4499)).toHaveLength(2)
  await again.close()
  counting.bytes = 0
  await open()
  expect(counting.bytes).toBeLessThan(20_000)
})

it('producers that were not heard of for producer.id.expiration.ms are forgotten, not those with a transaction open', async () => {
  const day = 86_400_000
  const time = new ManualTime()
  const engine = await LogEngine.open({ dir: '/data', fileSystem: memoryFileSystem(), time })
  engine.createTopic({ name: 't', partitions: 1 })
  const idle = await engine.initProducerId()
  engine.append(t0, producerBatch(idle, 0, 'a'))
  const busy = await engine.initProducerId({ transactionalId: 'tx', transactionTimeoutMs: 900_000 })
  const known = (): bigint[] => engine.describeProducers(t0).map(({ producerId }) => producerId)
  time.advance(day)
  await engine.maintain()
  expect(known()).toEqual([idle.producerId])
  engine.addPartitionsToTxn({ transactionalId: 'tx', ...busy }, [t0])
  engine.append(t0, batchOf(['old'], { ...busy, baseSequence: 0, isTransactional: true }, time.now() - day))
  time.advance(1)
  await engine.maintain()
  expect(known()).toEqual([busy.producerId])
  // A producer that comes back after that may begin anywhere.
  expect(engine.append(t0, producerBatch(idle, 7, 'b'))).toMatchObject({ isDuplicate: false })
})
