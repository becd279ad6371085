import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type CompressionType, prepareCompression, RecordBatchBuilder } from '@millrace/kafka-protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LogEngine } from '../../src/index.ts'
import { readAll, transactionalBatch } from '../batches.ts'

// Kafka's own tools and broker on our files, and our reader on theirs. KAFKA_RIG is the command that runs them.

const rig = process.env['KAFKA_RIG']
const run = promisify(execFile)
const codecs: readonly CompressionType[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd']
const committed = { isolation: 'read_committed' } as const

let root: string
let environment: NodeJS.ProcessEnv

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'interchange-'))
  environment = {
    ...process.env,
    KAFKA_RIG_DIR: join(root, 'rig'),
    KAFKA_RIG_LIB: process.env['KAFKA_RIG_LIB'] ?? join(tmpdir(), 'kafka-rig-lib'),
  }
  await prepareCompression()
})

afterAll(async () => {
  if (rig !== undefined) await kafka('stop', '--wipe')
  rmSync(root, { recursive: true })
})

async function kafka(...args: string[]): Promise<string> {
  const { stdout } = await run(rig!, args, { env: environment, maxBuffer: 64 * 1024 * 1024 })
  return stdout
}

const open = (name: string): Promise<LogEngine> => LogEngine.open({ dir: join(root, name) })

/** Records with every codec, headers, nulls, committed and aborted transactions, over several segments. */
async function writeSample(engine: LogEngine, topic: string): Promise<void> {
  const partition = { topic, partition: 0 }
  const producer = {
    transactionalId: `tx-${topic}`,
    ...(await engine.initProducerId({ transactionalId: `tx-${topic}` })),
  }
  let sequence = 0
  for (let round = 0; round < 20; round++) {
    for (const compression of codecs) {
      const builder = new RecordBatchBuilder()
      for (let i = 0; i < 10; i++) {
        const headers =
          i % 3 === 0
            ? [
                { key: 'h', value: Buffer.from('x') },
                { key: 'n', value: null },
              ]
            : []
        const value = i % 7 === 6 ? null : Buffer.from(`${compression}-${round}-${i}`.padEnd(60, '.'))
        builder.append(Date.now() - 100_000 + i, i % 5 === 4 ? null : Buffer.from(`k${i}`), value, headers)
      }
      engine.append(partition, builder.build({ compression }))
    }
    engine.append(partition, transactionalBatch(producer, sequence++, `tx${round}`), {
      transactionalId: producer.transactionalId,
    })
    if (round % 3 === 2) await engine.endTxn(producer, 'abort')
    else await engine.commitTransaction(producer, { groupId: 'g' }, [{ ...partition, offset: round }])
  }
}

describe.runIf(rig !== undefined)('Kafka', { timeout: 300_000 }, () => {
  it('reads our segments, indexes and snapshots without complaint', async () => {
    const engine = await open('ours')
    engine.createTopic({
      name: 'sample',
      partitions: 1,
      configs: { 'internal.segment.bytes': '20000', 'index.interval.bytes': '1000' },
    })
    engine.createTopic({
      name: 'compacted',
      partitions: 1,
      configs: { 'cleanup.policy': 'compact', 'internal.segment.bytes': '5000', 'index.interval.bytes': '500' },
    })
    await writeSample(engine, 'sample')
    for (let i = 0; i < 400; i++) {
      const builder = new RecordBatchBuilder()
      builder.append(Date.now() - 1000, Buffer.from(`k${i % 9}`), i % 4 === 0 ? null : Buffer.from(`v${i}`))
      engine.append({ topic: 'compacted', partition: 0 }, builder.build())
    }
    await engine.maintain()
    await engine.close()
    for (const [folder, ...options] of [
      ['sample-0'],
      ['compacted-0'],
      ['__consumer_offsets-0', '--offsets-decoder'],
      ['__transaction_state-0', '--transaction-log-decoder'],
    ] as const) {
      const names = readdirSync(join(root, 'ours', folder)).filter((name) =>
        /^\d{20}\.(log|index|timeindex|txnindex|snapshot)$/.test(name),
      )
      const files = names.map((name) => join(root, 'ours', folder, name)).join(',')
      const output = await kafka(
        'tool',
        'DumpLogSegments',
        '--deep-iteration',
        '--print-data-log',
        ...options,
        '--files',
        files,
      )
      expect(output.match(/.*(isvalid: false|mismatch|Found|Exception|corrupt|error).*/gi)).toBe(null)
      if (folder === 'sample-0') {
        expect(output.match(/isTransactional: false/g)?.length).toBe(100)
        expect(output.match(/endTxnMarker: ABORT/g)?.length).toBe(6)
        expect(output).toContain('compresscodec: zstd')
      }
      if (folder === '__transaction_state-0') expect(output.includes('"transactionStatus":2')).toBe(true)
      if (folder === '__consumer_offsets-0') expect(output.includes('"group":"g"')).toBe(true)
    }
  })

  it('serves a partition that we wrote, and we read one that it wrote', async () => {
    const engine = await open('both')
    engine.createTopic({
      name: 'sample',
      partitions: 1,
      configs: { 'internal.segment.bytes': '20000', 'index.interval.bytes': '1000' },
    })
    engine.createTopic({ name: 'theirs', partitions: 1 })
    await writeSample(engine, 'sample')
    const expected = readAll(engine, { topic: 'sample', partition: 0 }, committed)
    await engine.close()
    const bootstrap = ['--bootstrap-server', (await kafka('start', '--port', '0')).trim()]
    for (const topic of ['sample', 'theirs']) {
      await kafka('tool', 'TopicCommand', ...bootstrap, '--create', '--topic', topic, '--partitions', '1')
    }
    for (const codec of codecs) {
      const options = ['--num-records', '50', '--record-size', '100', '--throughput', '-1', '--topic', 'theirs']
      const client = ['--producer-props', `bootstrap.servers=${bootstrap[1]}`, `compression.type=${codec}`]
      await kafka('tool', 'ProducerPerformance', ...options, ...client)
    }
    await kafka('stop')
    const logs = join(root, 'rig/node-1/logs')
    copySegments(join(root, 'both/sample-0'), join(logs, 'sample-0'))
    copySegments(join(logs, 'theirs-0'), join(root, 'both/theirs-0'))
    const restarted = (await kafka('start')).trim()
    const consumed = await kafka(
      'tool',
      'org.apache.kafka.tools.consumer.ConsoleConsumer',
      ...[
        '--bootstrap-server',
        restarted,
        '--topic',
        'sample',
        '--from-beginning',
        '--isolation-level',
        'read_committed',
      ],
      ...['--max-messages', String(expected.length), '--timeout-ms', '20000'],
    )
    expect(consumed.trimEnd().split('\n')).toEqual(expected.map((record) => record.slice(record.indexOf(':') + 1)))
    const again = await open('both')
    expect(readAll(again, { topic: 'theirs', partition: 0 }, committed)).toHaveLength(250)
    expect(again.listOffset({ topic: 'theirs', partition: 0 }, 'latest').offset).toBe(250)
    await again.close()
  })
})

/** Puts the segments of one partition's folder in the place of another's. */
function copySegments(from: string, to: string): void {
  for (const name of readdirSync(to)) if (name !== 'partition.metadata') rmSync(join(to, name))
  for (const name of readdirSync(from)) {
    if (/^\d{20}\.|^leader-epoch/.test(name)) cpSync(join(from, name), join(to, name))
  }
}
