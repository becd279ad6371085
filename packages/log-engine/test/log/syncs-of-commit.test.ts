import { expect, it } from 'vitest'
import { type FileSystem, LogEngine, memoryFileSystem } from '../../src/index.ts'
import { batchOf, t0 } from '../batches.ts'
import { ManualTime } from '../manual-time.ts'

/** Notes the name of each file that is synced. */
function noting(synced: string[], inner: FileSystem): FileSystem {
  return {
    bootId: inner.bootId,
    makeDirectory: (path) => inner.makeDirectory(path),
    list: (path) => inner.list(path),
    exists: (path) => inner.exists(path),
    open: (path) => {
      const file = inner.open(path)
      return {
        size: () => file.size(),
        read: (target, start, length, position) => file.read(target, start, length, position),
        write: (bytes, position) => file.write(bytes, position),
        truncate: (size) => file.truncate(size),
        sync: () => {
          synced.push(path.split('/').slice(-2).join('/'))
          return file.sync()
        },
        close: () => file.close(),
      }
    },
    readFile: (path) => inner.readFile(path),
    rename: (from, to) => inner.rename(from, to),
    remove: (path) => inner.remove(path),
    syncDirectory: (path) => inner.syncDirectory(path),
    settle: (path) => inner.settle(path),
    lock: (directory) => inner.lock(directory),
  }
}

it('a sync writes out the log file; the checkpoint only when it says something new', async () => {
  const synced: string[] = []
  const options = { dir: 'log', fileSystem: noting(synced, memoryFileSystem()), time: new ManualTime() }
  const engine = await LogEngine.open({ ...options, checkpointBytes: 10_000 })
  await engine.createTopic({ name: 't', partitions: 1 })
  const syncsAfter = async (bytes: number): Promise<string[]> => {
    engine.append(t0, batchOf(['v'.repeat(bytes)]))
    synced.length = 0
    await engine.sync([t0])
    return synced.filter((name) => name.startsWith('t-0/')).map((name) => name.slice('t-0/'.length))
  }
  const log = '00000000000000000000.log'
  await syncsAfter(10)
  for (let i = 0; i < 3; i++) expect(await syncsAfter(10)).toEqual([log])
  expect(await syncsAfter(20_000)).toContain('partition.checkpoint')
  expect(await syncsAfter(10)).not.toContain('partition.checkpoint')
  await engine.close()
})
