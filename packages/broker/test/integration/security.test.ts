import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Kafka, type KafkaConfig, logLevel, type SASLOptions } from 'kafkajs'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { type Broker, type BrokerOptions, startBroker } from '../../src/index.ts'
import { Wire } from '../wire.ts'

process.env['KAFKAJS_NO_PARTITIONER_WARNING'] = '1'

let broker: Broker | undefined

afterEach(async () => {
  await broker?.close()
  broker = undefined
})

async function start(options: BrokerOptions): Promise<Broker> {
  broker = await startBroker({ memory: true, ...options })
  return broker
}

function clientOf({ address }: Broker, config: Partial<KafkaConfig>): Kafka {
  return new Kafka({ brokers: [address], logLevel: logLevel.NOTHING, retry: { retries: 0 }, ...config })
}

/** NONE, or the type of the error with which the client was turned away. */
async function tryToList(kafka: Kafka): Promise<string> {
  const admin = kafka.admin()
  try {
    await admin.connect()
    await admin.listTopics()
    return 'NONE'
  } catch (error) {
    return (error as Error).name
  } finally {
    await admin.disconnect()
  }
}

const sasl = { listeners: [{ sasl: true }] }

describe('a listener', () => {
  test.each([
    ['everybody in the network', { host: '0.0.0.0' }, /open to everybody/],
    ['the network, with TLS alone', { listeners: [{ host: '::', tls: { key: '', cert: '' } }] }, /open to everybody/],
    ['users that are not there', sasl, /no users/],
    ['an unknown mechanism', { ...sasl, users: [{ name: 'a', password: 'b' }], saslMechanisms: ['X' as never] }, /'X'/],
    [
      'an entry without operations',
      { acls: [{ principal: 'User:a', resource: 'topic', name: '*', operations: [] }] },
      /operations/,
    ],
  ] as const)('for %s is refused', async (_name, options, message) => {
    await expect(start(options as BrokerOptions)).rejects.toThrow(message)
  })
})

describe('SASL', () => {
  const users = [
    { name: 'alice', password: 'plain secret', mechanisms: ['PLAIN'] },
    { name: 'alice', password: 'scram secret', mechanisms: ['SCRAM-SHA-256', 'SCRAM-SHA-512'] },
    { name: 'bob,=', password: 'pässword' },
  ] as const
  const attempt = (mechanism: string, username: string, password: string) =>
    tryToList(clientOf(broker!, { sasl: { mechanism, username, password } as SASLOptions }))

  test.each(['plain', 'scram-sha-256', 'scram-sha-512'])('%s lets in who knows the password', async (mechanism) => {
    await start({ ...sasl, users })
    expect(await attempt(mechanism, 'bob,=', 'pässword')).toBe('NONE')
    expect(await attempt(mechanism, 'bob,=', 'password')).toBe('KafkaJSSASLAuthenticationError')
    expect(await attempt(mechanism, 'carol', 'pässword')).toBe('KafkaJSSASLAuthenticationError')
    const [right, wrong] = mechanism === 'plain' ? ['plain', 'scram'] : ['scram', 'plain']
    expect(await attempt(mechanism, 'alice', `${right} secret`)).toBe('NONE')
    expect(await attempt(mechanism, 'alice', `${wrong} secret`)).toBe('KafkaJSSASLAuthenticationError')
  })

  test('only the mechanisms that are wanted are offered, and nothing is answered before', async () => {
    const log: string[] = []
    await start({ ...sasl, users, saslMechanisms: ['SCRAM-SHA-512'], onLog: (line) => log.push(line) })
    expect(await attempt('plain', 'bob,=', 'pässword')).not.toBe('NONE')
    expect(await attempt('scram-sha-512', 'bob,=', 'pässword')).toBe('NONE')
    const wire = await Wire.open(broker!)
    wire.request(3, 5, { topics: null, allowAutoTopicCreation: false })
    expect(await wire.frame()).toBeUndefined()
    expect(log.at(-1)).toMatch(/before authentication/)
  })

  test('tokens may come in bare frames after a handshake of version 0', async () => {
    await start({ ...sasl, users })
    const wire = await Wire.open(broker!)
    wire.request(17, 0, { mechanism: 'PLAIN' })
    expect((await wire.answer(17, 0)).response).toMatchObject({ errorCode: 0 })
    wire.writeFrame(Buffer.from('\0alice\0plain secret'))
    expect(await wire.frame()).toHaveLength(0)
    wire.request(3, 5, { topics: null, allowAutoTopicCreation: false })
    expect((await wire.answer(3, 5)).response['topics']).toHaveLength(2)
    wire.close()
    const wrong = await Wire.open(broker!)
    wrong.request(17, 0, { mechanism: 'PLAIN' })
    await wrong.answer(17, 0)
    wrong.writeFrame(Buffer.from('\0alice\0wrong'))
    expect(await wrong.frame()).toBeUndefined()
  })
})

describe('the access-control list', () => {
  const users = ['alice', 'admin'].map((name) => ({ name, password: name }))
  const as = (username: string) =>
    clientOf(broker!, { sasl: { mechanism: 'plain', username, password: username } as SASLOptions })

  test('decides who sees, writes, reads and changes what', async () => {
    const { engine } = await start({
      ...sasl,
      users,
      superUsers: ['User:admin'],
      acls: [
        { principal: 'User:alice', resource: 'topic', name: 'orders*', operations: ['write', 'create'] },
        { principal: 'User:*', resource: 'topic', name: 'news', operations: ['read'] },
        { principal: 'User:alice', resource: 'group', name: 'readers', operations: ['read'] },
      ],
    })
    for (const name of ['orders-1', 'news', 'secret']) engine.createTopic({ name, partitions: 1 })
    const alice = as('alice')
    const [admin, producer] = [alice.admin(), alice.producer()]
    await Promise.all([admin.connect(), producer.connect()])
    expect((await admin.listTopics()).sort()).toEqual(['news', 'orders-1'])
    await producer.send({ topic: 'orders-1', messages: [{ value: 'x' }] })
    await producer.send({ topic: 'orders-2', messages: [{ value: 'x' }] })
    const messages = [{ value: 'x' }]
    await expect(producer.send({ topic: 'news', messages })).rejects.toMatchObject({
      type: 'TOPIC_AUTHORIZATION_FAILED',
    })
    await expect(producer.send({ topic: 'secret', messages })).rejects.toThrow('Not authorized')
    await expect(admin.fetchOffsets({ groupId: 'others' })).rejects.toThrow('coordinator')
    expect(await admin.fetchOffsets({ groupId: 'readers' })).toEqual([])
    await expect(admin.deleteTopics({ topics: ['orders-1'] })).rejects.toMatchObject({
      type: 'TOPIC_AUTHORIZATION_FAILED',
    })
    await expect(admin.describeAcls(everything)).rejects.toMatchObject({ type: 'CLUSTER_AUTHORIZATION_FAILED' })
    await Promise.all([admin.disconnect(), producer.disconnect()])

    const root = as('admin').admin()
    await root.connect()
    expect(await root.listTopics()).toContain('secret')
    const { resources } = await root.describeAcls(everything)
    expect(resources).toEqual([
      {
        resourceType: 2,
        resourceName: 'orders',
        resourcePatternType: 4,
        acls: [4, 5].map((operation) => ({ principal: 'User:alice', host: '*', operation, permissionType: 3 })),
      },
      {
        resourceType: 2,
        resourceName: 'news',
        resourcePatternType: 3,
        acls: [{ principal: 'User:*', host: '*', operation: 3, permissionType: 3 }],
      },
      {
        resourceType: 3,
        resourceName: 'readers',
        resourcePatternType: 3,
        acls: [{ principal: 'User:alice', host: '*', operation: 3, permissionType: 3 }],
      },
    ])
    const found = await root.describeAcls({
      ...everything,
      resourceType: 2,
      resourceName: 'orders-7',
      resourcePatternType: 2,
    })
    expect(found.resources.map(({ resourceName }) => resourceName)).toEqual(['orders'])
    await expect(root.createAcls({ acl: [{ ...entry, resourceName: 'x' }] })).rejects.toMatchObject({
      type: 'POLICY_VIOLATION',
    })
    await root.disconnect()
  })

  test('is not there without being given', async () => {
    const admin = clientOf(await start({}), {}).admin()
    await admin.connect()
    await expect(admin.describeAcls(everything)).rejects.toMatchObject({ type: 'SECURITY_DISABLED' })
    await admin.disconnect()
  })

  const everything = { resourceType: 1, resourcePatternType: 1, operation: 1, permissionType: 1 }
  const entry = {
    resourceType: 2,
    resourcePatternType: 3,
    principal: 'User:x',
    host: '*',
    operation: 3,
    permissionType: 3,
  }
})

describe('TLS', () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-tls-'))
  const run = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' })
  const pem = (name: string) => readFileSync(join(folder, name), 'utf8')
  const days = ['-days', '2']
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  let canRun = true
  afterAll(() => rmSync(folder, { recursive: true }))
  try {
    run('req', '-x509', ...newKey, ...days, '-subj', '/CN=ca', '-keyout', 'ca.key', '-out', 'ca.pem')
    const san = ['-addext', 'subjectAltName=IP:127.0.0.1']
    for (const [name, subject] of [
      ['server', '/CN=server'],
      ['client', '/O=Example/CN=alice'],
    ] as const) {
      run('req', ...newKey, '-subj', subject, ...san, '-keyout', `${name}.key`, '-out', `${name}.csr`)
      const ca = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-copy_extensions', 'copy']
      run('x509', '-req', '-in', `${name}.csr`, ...ca, ...days, '-out', `${name}.pem`)
    }
  } catch {
    canRun = false
  }

  test.runIf(canRun)('hides what is said, and tells who the client is when it has a certificate', async () => {
    const tls = { key: pem('server.key'), cert: pem('server.pem') }
    await start({ listeners: [{ tls }] })
    const ca = [pem('ca.pem')]
    expect(await tryToList(clientOf(broker!, { ssl: { ca } }))).toBe('NONE')
    expect(await tryToList(clientOf(broker!, { ssl: true }))).not.toBe('NONE')
    expect(await tryToList(clientOf(broker!, {}))).not.toBe('NONE')
    await broker!.close()

    await start({
      listeners: [{ host: '127.0.0.1', tls: { ...tls, ca: pem('ca.pem') } }],
      acls: [{ principal: 'User:CN=alice,O=Example', resource: 'topic', name: '*', operations: ['read'] }],
    })
    broker!.engine.createTopic({ name: 't', partitions: 1 })
    expect(await tryToList(clientOf(broker!, { ssl: { ca } }))).not.toBe('NONE')
    const kafka = clientOf(broker!, { ssl: { ca, key: pem('client.key'), cert: pem('client.pem') } })
    const admin = kafka.admin()
    await admin.connect()
    expect(await admin.listTopics()).toContain('t')
    await admin.disconnect()
  })
})
