import { execFile, execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { RecordBatchReader } from '@millrace/kafka-protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Broker, startBroker } from '../../src/index.ts'
import { recordsOf } from '../records.ts'

// Clients that are not in npm: kcat, and those of Python, which pip installs. Skipped where they cannot be had.

const run = promisify(execFile)
const scripts = fileURLToPath(new URL('./python', import.meta.url))

function can(command: string, ...args: string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore', timeout: 300_000 })
    return true
  } catch {
    return false
  }
}

const folder = mkdtempSync(join(tmpdir(), 'millrace-clients-'))
const venv = join(folder, 'venv')
const python = join(venv, 'bin', 'python')
const hasPython =
  can('python3', '-m', 'venv', venv) && can(python, '-m', 'pip', 'install', '--quiet', 'confluent-kafka', 'aiokafka')
const hasKcat = can('kcat', '-V')

let broker: Broker

beforeAll(async () => {
  broker = await startBroker({ memory: true })
})

afterAll(async () => {
  await broker.close()
  rmSync(folder, { recursive: true })
})

async function runScript(name: string, at: Broker = broker): Promise<unknown> {
  const { stdout } = await run(python, [join(scripts, name), at.address], { timeout: 120_000 })
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '')
}

describe.runIf(hasPython)('the clients of Python', { timeout: 180_000 }, () => {
  test('librdkafka: topics, every codec, transactions, groups', async () => {
    const codecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd'].map((codec) => `${codec} ${'x'.repeat(200)}`)
    expect(await runScript('confluent_client.py')).toEqual({
      retention: '86400000',
      first: codecs,
      committed: 5,
      rest: ['commit', 'commit'],
      all: [...codecs, 'commit', 'abort', 'commit'],
      kip848: [...codecs, 'commit', 'commit'],
      groups: ['librdkafka', 'librdkafka-dirty', 'librdkafka-kip848'],
    })
  })

  test('librdkafka: a group changes from one protocol to the other and back while it is read', async () => {
    const quick = await startBroker({ memory: true, configs: { 'group.consumer.heartbeat.interval.ms': '500' } })
    try {
      expect(await runScript('confluent_migration.py', quick)).toEqual({
        types: ['CLASSIC', 'CONSUMER', 'CONSUMER', 'CONSUMER', 'CLASSIC'],
        read: 400,
        distinct: 400,
      })
    } finally {
      await quick.close()
    }
  })

  test('aiokafka: topics, transactions, groups', async () => {
    expect(await runScript('aiokafka_client.py')).toMatchObject({
      first: ['a'],
      all: ['a', 'b', 'commit', 'commit'],
      dirty: ['a', 'b', 'commit', 'abort', 'commit'],
      groups: expect.arrayContaining(['aiokafka', 'aiokafka-dirty', 'aiokafka-other']),
    })
  })
})

describe.runIf(hasKcat)('kcat', { timeout: 60_000 }, () => {
  const kcat = (...args: string[]) => run('kcat', ['-b', broker.address, ...args])

  test('lists, produces and consumes', async () => {
    const produced = run('kcat', ['-b', broker.address, '-P', '-t', 'kcat', '-K', ':'])
    produced.child.stdin?.end('a:one\nb:two\n')
    await produced
    expect(recordsOf(broker, 'kcat')).toMatchObject([
      { key: 'a', value: 'one' },
      { key: 'b', value: 'two' },
    ])
    expect((await kcat('-L')).stdout).toContain('topic "kcat" with 1 partitions')
    expect((await kcat('-C', '-t', 'kcat', '-e', '-o', 'beginning', '-f', '%k=%s\n')).stdout).toBe('a=one\nb=two\n')
    expect((await kcat('-Q', '-t', 'kcat:0:0')).stdout).toContain('offset 0')
  })

  test.each(['gzip', 'snappy', 'lz4', 'zstd'])('compresses by %s', async (codec) => {
    const topic = `kcat-${codec}`
    const produced = run('kcat', ['-b', broker.address, '-P', '-t', topic, '-z', codec])
    produced.child.stdin?.end(`${'x'.repeat(1000)}\n`)
    await produced
    const reader = new RecordBatchReader(broker.engine.fetch({ topic, partition: 0 }, 0).batches)
    expect(reader.nextBatch() && reader.compression).toBe(codec)
  })

  test('consumes as a member of a group', async () => {
    const group = ['-G', 'kcat-group', '-X', 'auto.offset.reset=earliest', '-c', '2', 'kcat']
    expect((await kcat(...group)).stdout).toBe('one\ntwo\n')
    expect(broker.engine.fetchOffsets('kcat-group', null)).toMatchObject([{ offset: 2 }])
  })
})
