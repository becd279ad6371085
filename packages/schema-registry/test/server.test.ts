import { startBroker } from '@millrace/broker'
import { RecordBatchBuilder, RecordBatchReader } from '@millrace/kafka-protocol'
import { LogEngine, memoryFileSystem } from '@millrace/log-engine'
import { expect, test } from 'vitest'
import { startSchemaRegistry } from '../src/index.ts'
import { ask, openEngine, record, startServer } from './registry-server.ts'

const a = record({ name: 'a', type: 'int' })
const b = record({ name: 'a', type: 'int' }, { name: 'b', type: 'int', default: 0 })

test('a registry that is started again knows what it knew, from a compacted topic in Confluent’s form', async () => {
  const fileSystem = memoryFileSystem()
  const open = () => LogEngine.open({ dir: 'data', fileSystem })
  let engine = await open()
  let registry = await startSchemaRegistry({ engine })
  await ask(registry, 'POST /subjects/t/versions', a)
  await ask(registry, 'POST /subjects/t/versions', b)
  await ask(registry, 'POST /subjects/gone/versions', b)
  await ask(registry, 'DELETE /subjects/t/versions/1')
  await ask(registry, 'DELETE /subjects/gone')
  await ask(registry, 'DELETE /subjects/gone?permanent=true')
  await ask(registry, 'PUT /config/t', { compatibility: 'FULL' })
  await ask(registry, 'PUT /mode', { mode: 'READONLY' })
  await registry.close()

  expect(engine.describeTopicConfigs('_schemas')).toContainEqual(
    expect.objectContaining({ name: 'cleanup.policy', value: 'compact' }),
  )
  const reader = new RecordBatchReader(engine.fetch({ topic: '_schemas', partition: 0 }, 0).batches)
  reader.nextBatch()
  reader.nextRecord()
  expect(Buffer.from(reader.key!).toString()).toBe('{"keytype":"SCHEMA","subject":"t","version":1,"magic":1}')
  expect(JSON.parse(Buffer.from(reader.value!).toString())).toEqual({
    subject: 't',
    version: 1,
    id: 1,
    schema: '{"type":"record","name":"R","fields":[{"name":"a","type":"int"}]}',
    deleted: false,
  })
  await engine.close()

  engine = await open()
  registry = await startSchemaRegistry({ engine })
  expect((await ask(registry, 'GET /subjects?deleted=true')).body).toEqual(['t'])
  expect((await ask(registry, 'GET /subjects/t/versions')).body).toEqual([2])
  expect((await ask(registry, 'GET /schemas/ids/2')).status).toBe(200)
  expect((await ask(registry, 'GET /config/t')).body).toEqual({ compatibilityLevel: 'FULL' })
  expect((await ask(registry, 'GET /mode')).body).toEqual({ mode: 'READONLY' })
  await registry.close()
  await engine.close()
})

test('a topic of Confluent’s registry is read; records that are none are skipped', async () => {
  const engine = await openEngine()
  engine.createTopic({ name: '_schemas', partitions: 1, configs: { 'cleanup.policy': 'compact' } })
  const schema = (version: number) => ({ subject: 's', version, id: version + 40, md5: 'x', ...a, deleted: false })
  const records: readonly (readonly [unknown, unknown])[] = [
    [{ keytype: 'NOOP', magic: 0 }, null],
    [{ keytype: 'SCHEMA', subject: 's', version: 1, magic: 1 }, schema(1)],
    [
      { keytype: 'DELETE_SUBJECT', subject: 's', magic: 0 },
      { subject: 's', version: 1 },
    ],
    [{ keytype: 'SCHEMA', subject: 's', version: 2, magic: 1 }, schema(2)],
    [{ keytype: 'CONFIG', subject: null, magic: 0 }, { compatibilityLevel: 'NONE' }],
  ]
  const builder = new RecordBatchBuilder()
  for (const [key, value] of records) {
    const bytes = value === null ? null : Buffer.from(JSON.stringify(value))
    builder.append(0, Buffer.from(JSON.stringify(key)), bytes)
  }
  builder.append(0, Buffer.from('nonsense'), null)
  engine.append({ topic: '_schemas', partition: 0 }, builder.build({}))
  const log: string[] = []
  const registry = await startServer({ engine, onLog: (message) => log.push(message) })
  expect((await ask(registry, 'GET /subjects/s/versions')).body).toEqual([2])
  expect((await ask(registry, 'GET /schemas/ids/41')).status).toBe(200)
  expect((await ask(registry, 'GET /config')).body).toEqual({ compatibilityLevel: 'NONE' })
  expect((await ask(registry, 'POST /subjects/u/versions', b)).body).toMatchObject({ id: 43 })
  expect(log).toEqual([expect.stringContaining('nonsense')])
})

test('keeps its schemas in any Kafka, through the wire', async () => {
  const broker = await startBroker({ memory: true })
  try {
    const kafka = { bootstrap: broker.address }
    const first = await startSchemaRegistry({ kafka })
    await ask(first, 'POST /subjects/t/versions', a)
    await ask(first, 'POST /subjects/t/versions', b)
    await ask(first, 'DELETE /subjects/t')
    await first.close()
    const second = await startSchemaRegistry({ kafka, topic: '_schemas' })
    expect((await ask(second, 'GET /subjects/t/versions?deleted=true')).body).toEqual([1, 2])
    expect((await ask(second, 'GET /subjects')).body).toEqual([])
    await second.close()
  } finally {
    await broker.close()
  }
})

test('changes that come at the same time are made one after the other', async () => {
  const registry = await startServer()
  const bodies = Array.from({ length: 20 }, (_, i) =>
    record({ name: 'a', type: 'int' }, { name: `f${i % 10}`, type: 'int', default: 0 }),
  )
  const answers = await Promise.all(bodies.map((body) => ask(registry, 'POST /subjects/t/versions', body)))
  expect(answers.every(({ status }) => status === 200)).toBe(true)
  expect((await ask(registry, 'GET /subjects/t/versions')).body).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
})

test('answers those it knows, and listens to the network only for them', async () => {
  await expect(startServer({ host: '0.0.0.0' })).rejects.toThrow(/open to everybody/)
  await expect(startSchemaRegistry({})).rejects.toThrow(/either an engine or a Kafka/)
  const registry = await startServer({ users: [{ name: 'ann', password: 'secret' }] })
  const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` })
  expect(await ask(registry, 'GET /subjects')).toMatchObject({ status: 401, body: { error_code: 40101 } })
  expect((await ask(registry, 'GET /subjects', undefined, basic('ann:wrong'))).status).toBe(401)
  expect((await ask(registry, 'GET /subjects', undefined, basic('ann:secret'))).status).toBe(200)
})
