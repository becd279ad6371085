import { readFileSync } from 'node:fs'
import { type Broker, type BrokerOptions, startBroker } from '@millrace/broker'
import { heartbeatApi } from '@millrace/kafka-protocol/messages'
import { afterEach, expect, test } from 'vitest'
import { Admin, Cluster, type ClusterOptions, Fetcher, Producer, ThreadSocket } from '../src/index.ts'

// Connections whose sockets are on a thread of their own do what others do, and repeat requests by themselves.

const closing: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

async function start(options: BrokerOptions = {}): Promise<Broker> {
  const broker = await startBroker({ memory: true, ...options })
  closing.push(() => broker.close())
  return broker
}

function clusterOf(broker: Broker, options: Partial<ClusterOptions> = {}): Cluster {
  const cluster = new Cluster({ bootstrap: broker.address, retryTimeoutMs: 0, onThread: true, ...options })
  closing.push(() => cluster.close())
  return cluster
}

const pem = (name: string) => readFileSync(new URL(`./tls/${name}.pem`, import.meta.url), 'utf8')

test('large and small requests and answers pass', async () => {
  const cluster = clusterOf(await start())
  await new Admin(cluster).createTopic({ name: 't', partitions: 1 })
  const value = Buffer.alloc(900_000, 'x')
  await new Producer(cluster).send({ topic: 't', key: null, value })
  const [fetched] = await new Fetcher(cluster).fetch([{ topic: 't', partition: 0, offset: 0 }])
  expect(fetched?.records[0]?.value?.byteLength).toBe(value.byteLength)
})

test('TLS and SASL are the same as elsewhere', async () => {
  const tls = { key: pem('server-key'), cert: pem('server-cert') }
  const broker = await start({ listeners: [{ tls, sasl: true }], users: [{ name: 'alice', password: 'wonder' }] })
  const sasl = { mechanism: 'SCRAM-SHA-256', username: 'alice', password: 'wonder' } as const
  await new Admin(clusterOf(broker, { tls: { ca: pem('ca') }, sasl })).createTopic({ name: 't' })
  await expect(new Admin(clusterOf(broker, { tls: true, sasl })).listTopics()).rejects.toThrow(/Cannot connect/)
  await expect(
    new Admin(clusterOf(broker, { tls: { ca: pem('ca') }, sasl: { ...sasl, password: 'x' } })).listTopics(),
  ).rejects.toThrow(/^SASL SCRAM-SHA-256 authentication as 'alice' with 127\.0\.0\.1:\d+ failed/)
})

test('a broker that is not there, and one that ends, are told apart from others by their errors', async () => {
  await expect(new Admin(clusterOf({ address: '127.0.0.1:1' } as Broker)).listTopics()).rejects.toMatchObject({
    code: 'CLIENT_DISCONNECTED',
    message: expect.stringContaining('127.0.0.1:1'),
  })
  const broker = await startBroker({ memory: true })
  const cluster = clusterOf(broker)
  await new Admin(cluster).listTopics()
  await broker.close()
  await expect(new Admin(cluster).listTopics()).rejects.toMatchObject({ code: 'CLIENT_DISCONNECTED' })
})

test('a repeated request goes out by itself, tells of errors, and ends when nobody polls', async () => {
  const broker = await start()
  const cluster = clusterOf(broker)
  const connection = await cluster.connection(await cluster.coordinatorOf('group', 'g'))
  const { socket } = connection
  if (!(socket instanceof ThreadSocket)) throw new Error('the socket is not on the thread')
  const member = { groupId: 'g', generationId: 1, memberId: 'm' }
  const { frame } = connection.encode(heartbeatApi, member, 3)
  const polls = new SharedArrayBuffer(4)
  const errors: number[] = []
  await new Promise<void>((resolve) => {
    const times = { intervalMs: 5, answerTimeoutMs: 30_000, idleTimeoutMs: 200 }
    socket.repeat(
      { frame, errorAt: 12, polls, farewell: undefined, ...times },
      { onError: (code) => errors.push(code), onIdle: resolve },
    )
  })
  expect(errors.length).toBeGreaterThan(0)
  expect(new Set(errors)).toEqual(new Set([25]))
  expect(connection.isOpen).toBe(true)
})
