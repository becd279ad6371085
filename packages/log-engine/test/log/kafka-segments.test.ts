import { readFileSync } from 'node:fs'
import { AbortedTransactionFilter, prepareCompression, RecordBatchReader } from '@millrace/kafka-protocol'
import { expect, it } from 'vitest'
import { type FileSystem, LogEngine, memoryFileSystem } from '../../src/index.ts'
import { batchOf, readAll, t0 } from '../batches.ts'

interface KafkaBatch {
  readonly isControl: boolean
  readonly records: readonly { readonly offset: number; readonly keyHex: string | null }[]
}

const folder = new URL('../../../kafka-protocol/test/vectors/', import.meta.url)
const files: readonly { readonly file: string; readonly batches: readonly KafkaBatch[] }[] = JSON.parse(
  readFileSync(new URL('vectors.json', folder), 'utf8'),
)

function put(fileSystem: FileSystem, path: string, bytes: Uint8Array): void {
  const file = fileSystem.open(path)
  file.truncate(0)
  file.write(bytes, 0)
  file.close()
}

it.each(files)('a segment that Kafka wrote is read: $file', async ({ file, batches }) => {
  await prepareCompression()
  const fileSystem = memoryFileSystem()
  const made = await LogEngine.open({ dir: '/data', fileSystem })
  made.createTopic({ name: 't', partitions: 1 })
  await made.close()
  fileSystem.remove('/data/t-0/partition.checkpoint')
  put(fileSystem, '/data/t-0/00000000000000000000.log', readFileSync(new URL(file, folder)))
  const engine = await LogEngine.open({ dir: '/data', fileSystem })
  const found: [number, string | null][] = []
  for (let offset = 0; ; ) {
    const { batches: fetched, abortedTransactions } = engine.fetch(t0, offset, { isolation: 'read_committed' })
    if (fetched.length === 0) break
    const reader = new RecordBatchReader(fetched)
    const filter = new AbortedTransactionFilter(abortedTransactions)
    while (reader.nextBatch()) {
      const isVisible = filter.isVisible(reader)
      while (isVisible && reader.nextRecord()) {
        found.push([reader.offset, reader.key && Buffer.from(reader.key).toString('hex')])
      }
      offset = reader.lastOffset + 1
    }
  }
  const aborted =
    file === 'txn.bin' ? abortedIn(batches, 1) : file === 'txn-interleaved.bin' ? new Set([0, 2]) : new Set()
  const expected = batches
    .flatMap(({ isControl, records }) => (isControl ? [] : records))
    .filter(({ offset }) => !aborted.has(offset))
  expect(found).toEqual(expected.map(({ offset, keyHex }) => [offset, keyHex]))
  await engine.close()
})

/** The offsets of the records between one marker and the next. */
function abortedIn(batches: readonly KafkaBatch[], marker: number): Set<number> {
  const markers = batches.filter(({ isControl }) => isControl).map(({ records }) => records[0]!.offset)
  const offsets = new Set<number>()
  for (let offset = markers[marker - 1]! + 1; offset < markers[marker]!; offset++) offsets.add(offset)
  return offsets
}

it('a compacted partition that was copied in keeps what lies beyond its gaps', async () => {
  const fileSystem = memoryFileSystem()
  const made = await LogEngine.open({ dir: '/data', fileSystem })
  const configs = { 'cleanup.policy': 'compact', 'internal.segment.bytes': '300' }
  made.createTopic({ name: 't', partitions: 1, configs })
  for (let i = 0; i < 40; i++) made.append(t0, batchOf([`v${i}`]))
  await made.maintain()
  await made.close()
  // Kafka has no such file.
  fileSystem.remove('/data/t-0/partition.checkpoint')
  const engine = await LogEngine.open({ dir: '/data', fileSystem })
  expect(engine.listOffset(t0, 'latest').offset).toBe(40)
  expect(readAll(engine, t0).at(-1)).toBe('39:v39')
  expect(engine.append(t0, batchOf(['next'])).baseOffset).toBe(40)
})
