import { expect, it } from 'vitest'
import { type FileSystem, LogEngine, memoryFileSystem } from '../../src/index.ts'
import { batchOf, readAll, t0, transactionalBatch } from '../batches.ts'
import { ManualTime } from '../manual-time.ts'

const log = '/data/t-0/00000000000000000000.log'

function copyOf(fileSystem: FileSystem, length: number): FileSystem {
  const copy = memoryFileSystem()
  copy.makeDirectory('/data')
  for (const folder of fileSystem.list('/data')) {
    const isFile = folder.includes('.')
    const paths = isFile
      ? [`/data/${folder}`]
      : fileSystem.list(`/data/${folder}`).map((name) => `/data/${folder}/${name}`)
    if (!isFile) copy.makeDirectory(`/data/${folder}`)
    for (const path of paths) {
      const bytes = fileSystem.readFile(path)
      copy.open(path).write(path === log ? bytes.subarray(0, length) : bytes, 0)
    }
  }
  return copy
}

it('recovers from a cut at every byte of the last segment', { timeout: 120_000 }, async () => {
  const fileSystem = memoryFileSystem()
  const engine = await LogEngine.open({ dir: '/data', fileSystem, time: new ManualTime(), flush: 'os' })
  engine.createTopic({ name: 't', partitions: 1, configs: { 'index.interval.bytes': '1' } })
  const producer = { transactionalId: 'tx', ...(await engine.initProducerId({ transactionalId: 'tx' })) }
  const ends: number[] = []
  const append = (bytes: Uint8Array, transactionalId?: string): void => {
    engine.append(t0, bytes, transactionalId === undefined ? {} : { transactionalId })
    ends.push(fileSystem.readFile(log).length)
  }
  append(batchOf(['a', 'b']))
  append(transactionalBatch(producer, 0, 'c'), 'tx')
  append(batchOf(['d'], { compression: 'gzip' }))
  append(transactionalBatch(producer, 1, 'e'), 'tx')
  const all = readAll(engine, t0)
  const size = fileSystem.readFile(log).length
  for (let length = 0; length <= size; length++) {
    const warnings: string[] = []
    const again = await LogEngine.open({
      dir: '/data',
      fileSystem: copyOf(fileSystem, length),
      time: new ManualTime(),
      onWarning: (message) => void warnings.push(message),
    })
    const whole = ends.filter((end) => end <= length).length
    expect(readAll(again, t0)).toEqual(all.slice(0, [0, 2, 3, 4, 5][whole]))
    expect(warnings).toHaveLength(length === 0 || ends.includes(length) ? 0 : 1)
    again.append(t0, batchOf(['next']))
    expect(readAll(again, t0).at(-1)).toBe(`${[0, 2, 3, 4, 5][whole]}:next`)
  }
})
