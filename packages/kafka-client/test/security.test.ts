import { readFileSync } from 'node:fs'
import { type Broker, type BrokerOptions, startBroker } from '@millrace/broker'
import { Kafka, logLevel, type SASLOptions } from 'kafkajs'
import { afterEach, expect, test } from 'vitest'
import { Admin, Cluster, type ClusterOptions, Fetcher, Producer } from '../src/index.ts'

const closing: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

async function start(options: BrokerOptions): Promise<Broker> {
  const broker = await startBroker({ memory: true, ...options })
  closing.push(() => broker.close())
  return broker
}

function clusterOf(broker: Broker, options: Partial<ClusterOptions> = {}): Cluster {
  const cluster = new Cluster({ bootstrap: broker.address, retryTimeoutMs: 0, ...options })
  closing.push(() => cluster.close())
  return cluster
}

const pem = (name: string) => readFileSync(new URL(`./tls/${name}.pem`, import.meta.url), 'utf8')
const serverTls = { key: pem('server-key'), cert: pem('server-cert') }
const clientTls = { ca: pem('ca'), key: pem('client-key'), cert: pem('client-cert') }

const users = [
  { name: 'alice', password: 'wonder' },
  { name: 'bob', password: 'builder' },
]
const saslListener = { listeners: [{ sasl: true }], users }
const mechanisms = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const
const alice = { mechanism: 'PLAIN', username: 'alice', password: 'wonder' } as const
const bob = { mechanism: 'PLAIN', username: 'bob', password: 'builder' } as const

test.each(mechanisms)('%s lets in who knows the password, and nobody else', async (mechanism) => {
  const broker = await start(saslListener)
  await new Admin(clusterOf(broker, { sasl: { ...alice, mechanism } })).createTopic({ name: 't' })
  for (const wrong of [{ password: 'wrong' }, { username: 'mallory' }]) {
    const cluster = clusterOf(broker, { sasl: { ...alice, mechanism, ...wrong } })
    await expect(new Admin(cluster).listTopics()).rejects.toMatchObject({ code: 'SASL_AUTHENTICATION_FAILED' })
  }
  await expect(new Admin(clusterOf(broker)).listTopics()).rejects.toMatchObject({ code: 'CLIENT_DISCONNECTED' })
})

test.each(['plain', 'scram-sha-256', 'scram-sha-512'])('kafkajs authenticates by %s', async (mechanism) => {
  const broker = await start(saslListener)
  const sasl = { mechanism, username: 'alice', password: 'wonder' } as SASLOptions
  const admin = new Kafka({ brokers: [broker.address], logLevel: logLevel.NOTHING, sasl }).admin()
  await admin.connect()
  expect(await admin.createTopics({ topics: [{ topic: 't' }] })).toBe(true)
  await admin.disconnect()
})

test('TLS protects a connection', async () => {
  const broker = await start({ listeners: [{ tls: serverTls }] })
  await new Admin(clusterOf(broker, { tls: { ca: pem('ca') } })).createTopic({ name: 't' })
  await expect(new Admin(clusterOf(broker)).listTopics()).rejects.toThrow()
  await expect(new Admin(clusterOf(broker, { tls: true })).listTopics()).rejects.toThrow()
})

test('under mutual TLS the certificate says who the client is', async () => {
  const broker = await start({
    listeners: [{ tls: { ...serverTls, ca: pem('ca') } }],
    acls: [{ principal: 'User:CN=alice,O=millrace', resource: 'topic', name: 't', operations: ['create'] }],
  })
  const admin = new Admin(clusterOf(broker, { tls: clientTls }))
  await admin.createTopic({ name: 't' })
  await expect(admin.createTopic({ name: 'other' })).rejects.toMatchObject({ code: 'TOPIC_AUTHORIZATION_FAILED' })
  await expect(new Admin(clusterOf(broker, { tls: { ca: pem('ca') } })).listTopics()).rejects.toThrow()
})

test('each principal may do what the list says', async () => {
  const broker = await start({
    ...saslListener,
    acls: [
      { principal: 'User:alice', resource: 'topic', name: 'orders*', operations: ['create', 'write'] },
      { principal: 'User:bob', resource: 'topic', name: 'orders-eu', operations: ['read'] },
      { principal: 'User:*', resource: 'topic', name: 'public', operations: ['read'] },
    ],
  })
  broker.engine.createTopic({ name: 'public', partitions: 1 })
  const ofAlice = clusterOf(broker, { sasl: alice })
  const ofBob = clusterOf(broker, { sasl: bob })
  const value = Buffer.from('x')
  await new Producer(ofAlice).send({ topic: 'orders-eu', key: null, value })
  await new Producer(ofAlice).send({ topic: 'orders-us', key: null, value })
  const refused = { code: 'TOPIC_AUTHORIZATION_FAILED' }
  const fetch = (cluster: Cluster, topic: string) => new Fetcher(cluster).fetch([{ topic, partition: 0, offset: 0 }])
  await expect(fetch(ofAlice, 'orders-eu')).rejects.toMatchObject(refused)
  expect((await fetch(ofBob, 'orders-eu'))[0]?.records).toHaveLength(1)
  await expect(fetch(ofBob, 'orders-us')).rejects.toMatchObject(refused)
  expect(await fetch(ofBob, 'public')).toHaveLength(1)
  await expect(new Producer(ofBob).send({ topic: 'orders-eu', key: null, value })).rejects.toMatchObject(refused)
  const topicsOf = async (cluster: Cluster) => (await new Admin(cluster).listTopics()).map(({ name }) => name)
  expect(await topicsOf(ofAlice)).toEqual(['orders-eu', 'orders-us', 'public'])
  expect(await topicsOf(ofBob)).toEqual(['orders-eu', 'public'])
  await expect(new Admin(ofAlice).deleteTopic('orders-eu')).rejects.toMatchObject(refused)
})

test('a super user may do everything', async () => {
  const broker = await start({ ...saslListener, acls: [], superUsers: ['User:alice'] })
  await new Admin(clusterOf(broker, { sasl: alice })).createTopic({ name: 't' })
  await expect(new Admin(clusterOf(broker, { sasl: bob })).createTopic({ name: 'u' })).rejects.toMatchObject({
    code: 'TOPIC_AUTHORIZATION_FAILED',
  })
})

test.each([
  ['a listener outside the loopback without authentication', { host: '0.0.0.0' }, 'open to everybody'],
  ['TLS alone outside the loopback', { listeners: [{ host: '0.0.0.0', tls: serverTls }] }, 'open to everybody'],
  ['SASL without users', { listeners: [{ sasl: true }] }, 'no users'],
  ['an unknown config', { configs: { 'no.such': '1' } }, "no broker config 'no.such'"],
  ['a config out of bounds', { configs: { 'num.partitions': '0' } }, 'from 1 to'],
])('%s is refused', async (_name, options, message) => {
  await expect(start(options)).rejects.toThrow(message)
})

test('an entry of the access-control list that says nothing is refused', async () => {
  const entry = { principal: 'alice', resource: 'topic', name: 't', operations: ['read'] } as const
  await expect(start({ acls: [entry] })).rejects.toThrow('needs a principal')
  const none = { ...entry, principal: 'User:alice', operations: [] }
  await expect(start({ acls: [none] })).rejects.toThrow('needs operations')
})
