import { join } from 'node:path'
import type { LogEngine } from '@millrace/log-engine'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { KafkaClientSupplier } from '../../src/clients/client-supplier.ts'
import type { RebalanceListener } from '../../src/clients/consumer.ts'
import { embeddedClientSupplier } from '../../src/clients/embedded/embedded-client-supplier.ts'
import type { KafkaStreams } from '../../src/kafka-streams.ts'
import { forwardedHeader } from '../../src/queries/http/instances.ts'
import { queryClient } from '../../src/queries/http/query-client.ts'
import { type QueryService, serveQueries } from '../../src/queries/http/query-service.ts'
import {
  type ClicksApplication,
  type ClicksStores,
  clicksApplication,
  clicksInstance,
  partitionOf,
  until,
} from './clicks.ts'

// Two instances of one application over one log, each with one partition of every topic, and a query service each.

/** Clients whose consumer has one partition of each topic, without asking the group. */
function clientsOfPartition(log: LogEngine, partition: number): KafkaClientSupplier {
  const clients = embeddedClientSupplier(log)
  return {
    ...clients,
    consumer(options) {
      const consumer = clients.consumer(options)
      const poll = consumer.poll.bind(consumer)
      let subscribed: { topics: readonly string[]; listener: RebalanceListener } | undefined
      consumer.subscribe = (topics, listener) => {
        subscribed = { topics: topics as readonly string[], listener }
      }
      consumer.poll = async (timeoutMs) => {
        const assigned = subscribed?.topics.map((topic) => ({ topic, partition }))
        const listener = subscribed?.listener
        subscribed = undefined
        if (assigned !== undefined) {
          consumer.assign(assigned)
          await listener!.onAssigned(assigned)
        }
        return poll(timeoutMs)
      }
      return consumer
    },
  }
}

let application: ClicksApplication
const instances: KafkaStreams[] = []
const services: QueryService[] = []
const users = ['ada', 'bob', 'cyd', 'dan', 'eve', 'fay']

beforeAll(async () => {
  application = await clicksApplication()
  const { log, directory } = application
  const peers: string[] = []
  for (const partition of [0, 1]) {
    const clients = clientsOfPartition(log, partition)
    const streams = clicksInstance(join(directory, `state-${partition}`), clients, {})
    instances.push(streams)
    await streams.start()
    const service = await serveQueries(streams, { port: 0, peers })
    services.push(service)
    peers.push(service.url)
  }
  application.produce(
    'clicks',
    users.map((user, index) => [user, 'a', 1_000 + index] as const),
  )
  await until(() =>
    users.every((user) => instances[partitionOf(user)]!.store<string, number>('counts').get(user) === 1),
  )
})

afterAll(async () => {
  for (const service of services) await service.close()
  for (const streams of instances) await streams.close()
  await application.close()
})

test('each instance has its own partition only', () => {
  expect(new Set(users.map(partitionOf))).toEqual(new Set([0, 1]))
  for (const user of users) {
    expect(instances[1 - partitionOf(user)]!.store<string, number>('counts').get(user)).toBeNull()
  }
})

test('any instance answers for any key', async () => {
  for (const { url } of services) {
    const client = queryClient<ClicksStores>(url)
    expect(await Promise.all(users.map((user) => client.get('counts', user)))).toEqual(users.map(() => 1))
    expect((await client.sessions('visits', { key: 'ada' })).entries).toHaveLength(1)
  }
})

test('a range has the entries of all instances', async () => {
  for (const { url } of services) {
    const { entries, hasMore, missingPartitions } = await queryClient<ClicksStores>(url).range('counts')
    expect(entries.map(({ key }) => key).sort()).toEqual(users)
    expect([hasMore, missingPartitions]).toEqual([false, []])
    expect((await queryClient<ClicksStores>(url).range('counts', { limit: 5 })).hasMore).toBe(true)
  }
})

test('a key is followed from the instance that has not got it', async () => {
  const stop = new AbortController()
  const far = services[1 - partitionOf('ada')]!
  const updates = queryClient<ClicksStores>(far.url).updates('counts', { key: 'ada', signal: stop.signal })
  expect((await updates.next()).value).toMatchObject({ kind: 'value', entries: [{ value: 1 }] })
  application.produce('clicks', [['ada', 'b', 2_000]])
  expect((await updates.next()).value).toMatchObject({ kind: 'change', key: 'ada', value: 2 })
  stop.abort()
})

test('what was passed on once is not passed on again', async () => {
  const far = services[1 - partitionOf('ada')]!
  const response = await fetch(`${far.url}/stores/counts/value?key=ada`, { headers: { [forwardedHeader]: '1' } })
  expect(response.status).toBe(421)
  expect(await response.json()).toMatchObject({ error: { code: 'NOT_OWNER' } })
})

test('an instance that is gone is an error for its keys, and its partitions are missing from ranges', async () => {
  const [near, far] = [services[0]!, services[1]!]
  const farKey = users.find((user) => partitionOf(user) === 1)!
  await far.close()
  const client = queryClient<ClicksStores>(near.url)
  const gone = async () => (await client.get('counts', farKey).catch((error: { code: string }) => error.code)) as string
  expect(['OWNER_UNREACHABLE', 'OWNER_UNKNOWN']).toContain(await gone())
  for (let code = await gone(); code !== 'OWNER_UNKNOWN'; code = await gone()) expect(code).toBe('OWNER_UNREACHABLE')
  const { entries, missingPartitions } = await client.range('counts')
  expect(missingPartitions).toEqual([1])
  expect(entries.map(({ key }) => key)).toEqual(users.filter((user) => partitionOf(user) === 0))
})
