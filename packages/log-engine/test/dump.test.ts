import { readFileSync } from 'node:fs'
import { prepareCompression } from '@millrace/kafka-protocol'
import { beforeAll, describe, expect, it } from 'vitest'
import { dumpFile, LogEngine, memoryFileSystem } from '../src/index.ts'
import { t0, transactionalBatch } from './batches.ts'
import { ManualTime } from './manual-time.ts'

beforeAll(prepareCompression)

const vector = (name: string): Uint8Array =>
  readFileSync(new URL(`../../kafka-protocol/test/vectors/${name}`, import.meta.url))

describe('dumpFile', () => {
  it('shows batches, records and markers as Kafka wrote them', () => {
    const lines = [...dumpFile('/x/t-0/00000000000000000000.log', vector('txn-interleaved.bin'))]
    expect(lines[0]).toMatch(
      /^offsets 0-0, 1 records, byte 0, \d+ bytes, epoch 0, newest 20.*, none, producer 106 epoch \d+ sequence 0-0, transactional$/,
    )
    expect(lines.filter((line) => line.includes('marker')).map((line) => line.trim().split(',')[0])).toEqual([
      'abort marker',
      'commit marker',
      'commit marker',
    ])
    const plain = [...dumpFile('0.log', vector('zstd.bin'))]
    expect(plain[0]).toContain('20 records')
    expect(plain[1]).toMatch(/^ {2}0, 2023-11-14T22:13:20.000Z: "key-0" → "value-0-/)
    expect([...dumpFile('0.log', vector('zstd.bin'), { records: false })]).toHaveLength(1)
  })

  it('shows indexes and snapshots', () => {
    expect([...dumpFile('00000000000000000000.index', vector('index.0.index.bin'))][0]).toBe('offset 8 at byte 4576')
    expect([...dumpFile('00000000000000000100.timeindex', vector('index.0.timeindex.bin'))][0]).toMatch(
      /^up to .* at offset 108$/,
    )
    expect([...dumpFile('0.txnindex', vector('txn-interleaved.0.txnindex.bin'))]).toEqual([
      'aborted: producer 106, offsets 0-4, last stable offset 1',
    ])
    expect([...dumpFile('0.snapshot', new Uint8Array(3))]).toEqual(['the snapshot is damaged'])
  })

  it('reads the records of the coordinators, and goes on after damage', async () => {
    const fileSystem = memoryFileSystem()
    const engine = await LogEngine.open({ dir: '/data', fileSystem, time: new ManualTime() })
    engine.createTopic({ name: 't', partitions: 1 })
    const producer = { transactionalId: 'tx', ...(await engine.initProducerId({ transactionalId: 'tx' })) }
    engine.append(t0, transactionalBatch(producer, 0, 'a'), { transactionalId: 'tx' })
    await engine.commitTransaction(producer, { groupId: 'g' }, [{ ...t0, offset: 5 }])
    const dump = (partition: string): string[] => {
      const path = `/data/${partition}/00000000000000000000.log`
      return [...dumpFile(path, fileSystem.readFile(path))]
    }
    expect(dump('__consumer_offsets-0').join('\n')).toContain('group g, t-0 → 5')
    expect(dump('__transaction_state-0').join('\n')).toMatch(
      /tx → prepare-commit, producer 0 epoch 0, partitions t-0 __consumer/,
    )
    const path = '/data/t-0/00000000000000000000.log'
    const bytes = Buffer.from(fileSystem.readFile(path))
    bytes[65] = bytes[65]! ^ 1
    const lines = [...dumpFile(path, bytes.subarray(0, bytes.length - 10))]
    expect(lines[0]).toContain('CRC IS WRONG')
    expect(lines.at(-1)).toMatch(/^byte \d+: \d+ bytes are left that are no whole batch$/)
  })
})
