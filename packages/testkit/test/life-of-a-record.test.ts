import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LogEngine, memoryFileSystem } from '@millrace/log-engine'
import { Headers, type Serde, Serdes } from '@millrace/serdes'
import { memoryEngine, type StateEngine } from '@millrace/state-stores'
import {
  type KafkaClientSupplier,
  KafkaStreams,
  type KeyValueStore,
  type Processor,
  type ProcessorContext,
  Stores,
  silentLogger,
  Topology,
} from '@millrace/streams-core'
import { embeddedClientSupplier } from '@millrace/streams-core/embedded'
import { afterEach, beforeEach, expect, test } from 'vitest'

// docs/life-of-a-record.md as a test: one record through an application, each step noted by what the step calls.

const orders = { topic: 'orders', partition: 0 }
let stateDir: string
let steps: string[]

beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'life-of-a-record-'))
  steps = []
})

afterEach(() => rmSync(stateDir, { recursive: true, force: true }))

test('one record: poll, deserialise, choose, process, store, send, commit; then the store is restored', async () => {
  const log = await LogEngine.open({ dir: 'log', fileSystem: memoryFileSystem() })
  log.createTopic({ name: 'orders', partitions: 1 })
  log.createTopic({ name: 'totals', partitions: 1 })
  const clients = embeddedClientSupplier(log)
  await writeOrder(clients)

  const first = application(clients)
  await first.start()
  while (!steps.some((step) => step.startsWith('store batch'))) await nextTurn()
  await first.close()
  expect(steps).toEqual([
    'poll orders',
    'deserialise key',
    'deserialise value',
    'timestamp',
    'process',
    'store value',
    'send app-totals-changelog',
    'serialise key',
    'serialise value',
    'send totals',
    'punctuate',
    'flush',
    'commit transaction',
    'store batch of totals up to 1',
  ])

  steps = []
  const second = application(clients)
  second.setGlobalStateRestoreListener({
    onRestoreEnd: (_partition, store, count) => steps.push(`restored ${count} of ${store}`),
  })
  await second.start()
  await second.close()
  expect(steps).toEqual(['restored 1 of totals', 'store batch of totals up to 2'])
  await log.close()
})

function application(clients: KafkaClientSupplier): KafkaStreams {
  const settings = {
    'application.id': 'app',
    'processing.guarantee': 'exactly_once_v2',
    'state.dir': stateDir,
    logger: silentLogger,
  } as const
  return new KafkaStreams(topology(), settings, noting(clients), {
    stateEngine: async () => notingEngine(memoryEngine()),
  })
}

function topology(): Topology {
  const store = Stores.keyValueStoreBuilder(
    Stores.persistentKeyValueStore('totals'),
    Serdes.string(),
    notingSerde('store', Serdes.int64()),
  )
  return new Topology()
    .addSource('in', 'orders', {
      keySerde: notingSerde('key', Serdes.string()),
      valueSerde: notingSerde('value', Serdes.int64()),
      timestampExtractor: (record) => {
        steps.push('timestamp')
        return record.timestamp
      },
    })
    .addProcessor('add', addToTotal, 'in')
    .addStateStore(store, 'add')
    .addSink('out', 'totals', 'add', {
      keySerde: notingSerde('key', Serdes.string()),
      valueSerde: notingSerde('value', Serdes.int64()),
    })
}

function addToTotal(): Processor<string, number, string, number> {
  let context: ProcessorContext<string, number>
  let totals: KeyValueStore<string, number>
  return {
    init(given) {
      context = given
      totals = given.getStateStore('totals')
      given.schedule(1000, 'stream-time', () => steps.push('punctuate'))
    },
    process(record) {
      steps.push('process')
      const total = (totals.get(record.key) ?? 0) + record.value
      totals.put(record.key, total)
      context.forward(record.withValue(total))
    },
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

async function writeOrder(clients: KafkaClientSupplier): Promise<void> {
  const producer = clients.producer({ clientId: 'orders', transactionalId: undefined, transactionTimeoutMs: 1000 })
  const key = Serdes.string().serialize('orders', 'ada')
  producer.send(orders.topic, orders.partition, key, Serdes.int64().serialize('orders', 7), 1000, Headers.empty)
  await producer.flush()
  await producer.close()
}

function noting(clients: KafkaClientSupplier): KafkaClientSupplier {
  return {
    ...clients,
    consumer: (options) => {
      const consumer = clients.consumer(options)
      return noticed(consumer, {
        poll: async (timeoutMs: number) => {
          const found = await consumer.poll(timeoutMs)
          for (const { topic, records } of found) if (records.length > 0) steps.push(`poll ${topic}`)
          return found
        },
      })
    },
    producer: (options) => {
      const producer = clients.producer(options)
      return noticed(producer, {
        send: (topic: string, ...record: never[]) => {
          steps.push(`send ${topic}`)
          ;(producer.send as (...all: unknown[]) => void)(topic, ...record)
        },
        flush: () => {
          steps.push('flush')
          return producer.flush()
        },
        commitTransaction: () => {
          steps.push('commit transaction')
          return producer.commitTransaction()
        },
      })
    },
  }
}

function notingEngine(engine: StateEngine): StateEngine {
  return noticed(engine, {
    commit: (commit: Parameters<StateEngine['commit']>[0]) => {
      for (const [store, { offset }] of commit.changelogOffsets) steps.push(`store batch of ${store} up to ${offset}`)
      return engine.commit(commit)
    },
  })
}

/** Notes what is turned into bytes and back; a store only what it writes. */
function notingSerde<T>(what: 'key' | 'value' | 'store', serde: Serde<T>): Serde<T> {
  return {
    serialize(topic, value) {
      steps.push(what === 'store' ? 'store value' : `serialise ${what}`)
      return serde.serialize(topic, value)
    },
    deserialize(topic, bytes) {
      if (what !== 'store') steps.push(`deserialise ${what}`)
      return serde.deserialize(topic, bytes)
    },
  }
}

/** The same object with some methods in place of its own. */
function noticed<T extends object>(target: T, methods: object): T {
  return new Proxy(target, {
    get(_, name) {
      const member: unknown = Reflect.get(name in methods ? methods : target, name)
      return typeof member === 'function' && !(name in methods) ? member.bind(target) : member
    },
  })
}
