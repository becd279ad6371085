import { type Broker, startBroker } from '@millrace/broker'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { run as runAnywhere } from '../run.ts'

let broker: Broker
const run = (args: readonly string[], input?: string) => runAnywhere([...args, '--bootstrap', broker.address], input)
const rows = (text: string) => text.split('\n').map((line) => line.split(/ {2,}/))

beforeAll(async () => {
  broker = await startBroker({ memory: true })
})

afterAll(() => broker.close())

test('topics are created, listed, described, changed and deleted', async () => {
  expect(await run(['topics', 'create', 'orders', '--partitions', '2', '--config', 'cleanup.policy=compact'])).toEqual({
    code: 0,
    printed: 'created topic orders',
    complained: '',
  })
  const again = await run(['topics', 'create', 'orders'])
  expect(again.code).toBe(1)
  expect(again.complained).toContain('TOPIC_ALREADY_EXISTS')
  expect((await run(['topics', 'create', 'orders', '--if-not-exists'])).code).toBe(0)
  expect(rows((await run(['topics', 'list'])).printed)).toEqual([
    ['TOPIC', 'PARTITIONS', 'REPLICAS'],
    ['orders', '2', '1'],
  ])
  await run(['topics', 'add-partitions', 'orders', '--partitions', '3'])
  const described = JSON.parse((await run(['topics', 'describe', 'orders', '--json'])).printed)
  expect(described).toMatchObject({ topic: 'orders', configs: { 'cleanup.policy': 'compact' } })
  expect(described.partitions).toHaveLength(3)
  expect((await run(['topics', 'describe', 'orders'])).printed).toContain('configs cleanup.policy=compact')
  expect((await run(['topics', 'delete', 'orders'])).printed).toBe('deleted topic orders')
  expect((await run(['topics', 'delete', 'orders'])).code).toBe(1)
  expect((await run(['topics', 'delete', 'orders', '--if-exists'])).code).toBe(0)
})

test('lines are produced and consumed: keys, nulls, headers, partitions', async () => {
  await run(['topics', 'create', 'lines', '--partitions', '2'])
  const options = ['--key-separator', ':', '--null-value', '-', '--header', 'h=1', '--partition', '1']
  expect((await run(['produce', 'lines', ...options], 'a:one\nb:-\nplain\n')).printed).toBe('3 records to lines')
  expect((await run(['produce', 'one'], 'plain\n')).printed).toBe('1 record to one')
  const all = ['consume', 'lines', '--from-beginning', '--until-end']
  expect((await run(all)).printed).toBe('one\nnull\nplain')
  expect((await run([...all, '--keys', '--headers', '--partitions', '--offsets'])).printed.split('\n')).toEqual([
    'lines-1\t0\th=1\ta\tone',
    'lines-1\t1\th=1\tb\tnull',
    'lines-1\t2\th=1\tnull\tplain',
  ])
  expect((await run([...all, '--max-records', '1'])).printed).toBe('one')
  expect((await run(['consume', 'lines', '--partition', '1', '--from', '+2', '--until-end'])).printed).toBe('plain')
  expect((await run(['consume', 'lines', '--partition', '0', '--from-beginning', '--until-end'])).printed).toBe('')
})

test('JSON in, JSON out, with numbers as Java writes them', async () => {
  const line = JSON.stringify({ key: '7', value: '12', timestamp: 1000, headers: { a: 'b' } })
  const types = ['--key-type', 'int32', '--value-type', 'int64']
  await run(['produce', 'numbers', '--format', 'json', ...types], `${line}\n`)
  const all = ['consume', 'numbers', '--from-beginning', '--until-end']
  expect(JSON.parse((await run([...all, '--json', ...types])).printed)).toEqual({
    topic: 'numbers',
    partition: 0,
    offset: 0,
    timestamp: 1000,
    key: '7',
    value: '12',
    headers: { a: 'b' },
  })
  expect((await run([...all, '--value-type', 'hex'])).printed).toBe('000000000000000c')
})

test.each(['gzip', 'snappy', 'lz4', 'zstd'])('records are compressed with %s', async (codec) => {
  const value = `${codec} ${'x'.repeat(500)}`
  await run(['produce', codec, '--compression', codec], `${value}\n`)
  expect((await run(['consume', codec, '--from-beginning', '--until-end'])).printed).toBe(value)
})

test('offsets are found by time and records deleted', async () => {
  const input = [1000, 2000, 3000].map((timestamp) => JSON.stringify({ value: `${timestamp}`, timestamp })).join('\n')
  await run(['produce', 'timed', '--format', 'json'], input)
  expect(rows((await run(['topics', 'offsets', 'timed', '--time', '1970-01-01T00:00:02Z'])).printed)).toEqual([
    ['PARTITION', 'OFFSET'],
    ['0', '1'],
  ])
  expect((await run(['consume', 'timed', '--from', '1500', '--until-end'])).printed).toBe('2000\n3000')
  const deleted = await run(['topics', 'delete-records', 'timed', '--partition', '0', '--before', '2'])
  expect(deleted.printed).toBe('timed-0 begins at offset 2')
  expect((await run(['consume', 'timed', '--from-beginning', '--until-end'])).printed).toBe('3000')
})

test('configs are shown and changed', async () => {
  await run(['topics', 'create', 'configured'])
  const changed = await run([
    'configs',
    'alter',
    'topic',
    'configured',
    '--set',
    'retention.ms=5',
    '--set',
    'segment.ms=7',
  ])
  expect(changed.printed).toBe('altered 2 configs of topic configured')
  await run(['configs', 'alter', 'topic', 'configured', '--unset', 'segment.ms'])
  expect(rows((await run(['configs', 'describe', 'topic', 'configured'])).printed)).toEqual([
    ['NAME', 'VALUE', 'SOURCE'],
    ['retention.ms', '5', 'set'],
  ])
  expect((await run(['configs', 'describe', 'broker', '1', '--all', '--json'])).printed).toContain('num.partitions')
  expect((await run(['configs', 'alter', 'topic', 'configured', '--set', 'retention.ms=x'])).complained).toContain(
    'INVALID_CONFIG',
  )
})
