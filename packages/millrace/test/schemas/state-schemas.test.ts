import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { avroSerde } from '../../src/avro.ts'
import { embeddedClientSupplier, LogEngine, memoryFileSystem } from '../../src/embedded.ts'
import {
  KafkaStreams,
  type Serde,
  Serdes,
  StateSchemaError,
  StreamsBuilder,
  silentLogger,
  TopicWriter,
  topic,
  versionedSerde,
} from '../../src/index.ts'

// A store's values change their form from one version of the program to the next.

interface V1 {
  readonly cents: number
}
interface V2 {
  readonly amount: number
  readonly currency: string
}

const upcasters = { 1: ({ cents }: V1): V2 => ({ amount: cents / 100, currency: 'EUR' }) }
const v1 = versionedSerde({ version: 1, serde: Serdes.json<V1>(), schema: { cents: 'number' } })
const v2 = versionedSerde({ version: 2, serde: Serdes.json<V2>(), upcasters })
const input = topic('payments', { key: Serdes.string(), value: Serdes.json<number>() })

let folder: string
let engine: LogEngine

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-state-schemas-'))
  engine = await LogEngine.open({ dir: 'log', fileSystem: memoryFileSystem() })
  engine.createTopic({ name: 'payments', partitions: 1 })
})

afterEach(async () => {
  await engine.close()
  rmSync(folder, { recursive: true, force: true })
})

/** The last payment of each account, in a store. */
async function start<V>(valueSerde: Serde<V>, of: (cents: number) => V, stateDir = 'here'): Promise<KafkaStreams> {
  const builder = new StreamsBuilder()
  builder
    .stream(input)
    .mapValues(of)
    .groupByKey({ keySerde: Serdes.string(), valueSerde })
    .reduce((_last, next) => next, { storeName: 'last', keySerde: Serdes.string(), valueSerde })
  const streams = new KafkaStreams(
    builder.build(),
    {
      'application.id': 'app',
      'state.dir': join(folder, stateDir),
      'commit.interval.ms': 5,
      'poll.ms': 5,
      logger: silentLogger,
    },
    embeddedClientSupplier(engine),
  )
  await streams.start()
  return streams
}

const notTransactional = { transactionalId: undefined, transactionTimeoutMs: 60_000 }

async function pay(account: string, cents: number): Promise<void> {
  const producer = embeddedClientSupplier(engine).producer({ clientId: 'test', ...notTransactional })
  new TopicWriter(producer).send(input, account, cents, 1)
  await producer.flush()
  await producer.close()
}

async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; !condition(); turn += 1) {
    if (turn > 3000) throw new Error('The condition did not come true.')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** Runs the first version of the program, which leaves a payment of 250 cents by ann. */
async function runFirst(serde: Serde<V1> = v1): Promise<void> {
  await pay('ann', 250)
  const streams = await start(serde, (cents) => ({ cents }))
  const store = streams.store<string, V1>('last')
  await until(() => store.get('ann') !== null)
  await streams.close()
}

const toV2 = (cents: number): V2 => upcasters[1]({ cents })

test.each([
  ['local state is read through the upcasters', 'here'],
  ['a changelog is restored through the upcasters', 'elsewhere'],
])('%s', async (_name, stateDir) => {
  await runFirst()
  const streams = await start(v2, toV2, stateDir)
  const store = streams.store<string, V2>('last')
  expect(store.get('ann')).toEqual({ amount: 2.5, currency: 'EUR' })
  await pay('bob', 100)
  await until(() => store.get('bob') !== null)
  expect(store.get('bob')).toEqual({ amount: 1, currency: 'EUR' })
  await streams.close()
})

test('values from before there were versions are of the one that is said; else the start is refused', async () => {
  await runFirst(Serdes.json<V1>())
  await expect(start(v2, toV2)).rejects.toThrow(/'last' holds values of no version.*Say which version they are/)
  await expect(start(v2, toV2, 'elsewhere')).rejects.toThrow(/'last' cannot be restored.*unversioned/)
  const serde = versionedSerde({ version: 2, serde: Serdes.json<V2>(), upcasters, unversioned: 1 })
  const streams = await start(serde, toV2)
  expect(streams.store<string, V2>('last').get('ann')).toEqual({ amount: 2.5, currency: 'EUR' })
  await streams.close()
})

test('an older program refuses to start on newer values, local ones and those of the changelog', async () => {
  await runFirst()
  const streams = await start(v2, toV2)
  await pay('bob', 100)
  await until(() => streams.store<string, V2>('last').get('bob') !== null)
  await streams.close()
  const local = start(v1, (cents) => ({ cents }))
  await expect(local).rejects.toThrow(/'last' holds values of version 2.*\(version 1\) cannot read/)
  await expect(local).rejects.toBeInstanceOf(StateSchemaError)
  const restored = start(v1, (cents) => ({ cents }), 'elsewhere')
  await expect(restored).rejects.toThrow(/'last' cannot be restored.*of version 2, and the versions .* are 1 to 1/)
})

test('a version without upcasters from the old one refuses to start', async () => {
  await runFirst()
  const serde = versionedSerde({ version: 2, serde: Serdes.json<V2>() })
  await expect(start(serde, toV2)).rejects.toThrow(/Give upcasters from version 1 on/)
})

test('values that look different in the same version refuse to start, and show the difference', async () => {
  await runFirst()
  const changed = versionedSerde({ version: 1, serde: Serdes.json<V1>(), schema: { cents: 'string', at: 'number' } })
  const starting = start(changed, (cents) => ({ cents }))
  await expect(starting).rejects.toMatchObject({
    code: 'STREAMS_STATE_SCHEMA',
    storeName: 'last',
    differences: ['cents: "number" → "string"', 'at is new: "number"'],
  })
  await expect(starting).rejects.toThrow(
    /The difference: cents: "number" → "string"; .*Make it version 2 with an upcaster/,
  )
  // The refused program has left no trace: the old one goes on.
  await (await start(v1, (cents) => ({ cents }))).close()
})

test('Avro without a registry says itself what its values look like', async () => {
  const avro = (type: string) =>
    avroSerde<V1>({ schema: { type: 'record', name: 'P', doc: type, fields: [{ name: 'cents', type }] } })
  await runFirst(avro('int'))
  const starting = start(avro('long'), (cents) => ({ cents }))
  await expect(starting).rejects.toThrow(/difference: fields\.cents\.type: "int" → "long"\. Give the values versions/)
})

test('cleanUp forgets what was noted; the changelog remembers', async () => {
  await runFirst()
  const app = join(folder, 'here', 'app')
  const noted = JSON.parse(readFileSync(join(app, 'state-schemas.json'), 'utf8'))
  expect(noted).toEqual({ format: 1, stores: { last: { version: 1, schema: { cents: 'number' } } } })
  const streams = await start(v1, (cents) => ({ cents }))
  await streams.close()
  streams.cleanUp()
  expect(readdirSync(app)).not.toContain('state-schemas.json')
})
