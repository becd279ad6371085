import { RecordBatchReader } from '@millrace/kafka-protocol'
import { expect, it } from 'vitest'
import { formatVersion, upgradeSteps } from '../src/data-directory-upgrades.ts'
import { type FileSystem, LogEngine, memoryFileSystem } from '../src/index.ts'
import { producerBatch, readAll, t0, transactionalBatch } from './batches.ts'
import format1 from './format-1.json' with { type: 'json' }
import { ManualTime } from './manual-time.ts'

// A directory as the last version that wrote format 1 left it when its process died, most of it synced: small
// segments, records deleted up to offset 5, a compacted topic, a transaction that is open and one that was decided but whose
// marker is lacking.
function diskOf(files: Readonly<Record<string, string>>): FileSystem {
  const fileSystem = memoryFileSystem()
  for (const [path, content] of Object.entries(files)) {
    fileSystem.makeDirectory(`/data/${path}`.slice(0, `/data/${path}`.lastIndexOf('/')))
    fileSystem.open(`/data/${path}`).write(Buffer.from(content, 'base64'), 0)
  }
  return fileSystem
}

const open = (fileSystem: FileSystem): Promise<LogEngine> =>
  LogEngine.open({
    dir: '/data',
    fileSystem,
    time: new ManualTime(),
    onWarning: (message) => {
      throw new Error(message)
    },
  })

const marker = (fileSystem: FileSystem): unknown =>
  JSON.parse(Buffer.from(fileSystem.readFile('/data/millrace-log.json')).toString())

function readKeys(engine: LogEngine): Map<string, string> {
  const latest = new Map<string, string>()
  let offset = 0
  for (;;) {
    const reader = new RecordBatchReader(engine.fetch({ topic: 'compacted', partition: 0 }, offset).batches)
    const before = offset
    while (reader.nextBatch()) {
      while (reader.nextRecord()) latest.set(Buffer.from(reader.key!).toString(), Buffer.from(reader.value!).toString())
      offset = reader.lastOffset + 1
    }
    if (offset === before) return latest
  }
}

async function expectContent(engine: LogEngine): Promise<void> {
  expect(engine.clusterId).toBe('LNRcKwfmjYie6QDcAQRCgw')
  expect(engine.listOffset(t0, 'earliest').offset).toBe(5)
  const committed = readAll(engine, t0, { isolation: 'read_committed' }, 5).map((text) => text.split(':')[1])
  const expected = [...Array(10).keys()].flatMap((i) => (i % 4 === 3 ? [`plain${i}`] : [`plain${i}`, `tx${i}`]))
  expect(committed).toEqual(expected.slice(expected.indexOf('tx1') + 1))
  expect(engine.fetchOffsets('g', null)).toMatchObject([{ topic: 'in', partition: 0, offset: 9 }])
  expect(readKeys(engine)).toEqual(
    new Map([
      ['k0', 'v39'],
      ['k1', 'v37'],
      ['k2', 'v38'],
    ]),
  )
  expect(engine.describeTransaction('tx')?.status).toBe('ongoing')
}

it('a directory of format 1 is upgraded and goes on where it was', async () => {
  const fileSystem = diskOf(format1)
  const engine = await open(fileSystem)
  await expectContent(engine)
  expect(marker(fileSystem)).toEqual({ formatVersion: 2, clusterId: engine.clusterId })
  const { producerId, producerEpoch } = engine.describeTransaction('tx')!
  const producer = { transactionalId: 'tx', producerId, producerEpoch }
  expect(engine.append(t0, producerBatch({ producerId: producerId + 1n, producerEpoch: 0 }, 10, 'last'))).toMatchObject(
    {
      isDuplicate: true,
    },
  )
  engine.append(t0, transactionalBatch(producer, 11, 'more'), { transactionalId: 'tx' })
  await engine.endTxn(producer, 'commit')
  await engine.close()
  const again = await open(fileSystem)
  const values = readAll(again, t0, { isolation: 'read_committed' }, 5).map((text) => text.split(':')[1])
  expect(values.slice(-4)).toEqual(['open', 'last', 'decided', 'more'])
})

it('an upgrade that a crash has interrupted before it counted is done again', async () => {
  const fileSystem = diskOf(format1)
  for (const { run } of upgradeSteps) await run(fileSystem, '/data')
  expect(marker(fileSystem)).toMatchObject({ formatVersion: 1 })
  await expectContent(await open(fileSystem))
})

it('there is a step from every older format', () => {
  expect(upgradeSteps.map(({ from }) => from)).toEqual(Array.from({ length: formatVersion - 1 }, (_, n) => n + 1))
})
