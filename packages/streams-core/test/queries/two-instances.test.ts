import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { embeddedClientSupplier } from '../../src/clients/embedded/embedded-client-supplier.ts'
import type { KafkaStreams } from '../../src/kafka-streams.ts'
import { forwardedHeader } from '../../src/queries/http/instances.ts'
import { queryClient } from '../../src/queries/http/query-client.ts'
import { type QueryService, serveQueries } from '../../src/queries/http/query-service.ts'
import { KeyQuery } from '../../src/queries/state-query.ts'
import {
  type ClicksApplication,
  type ClicksStores,
  clicksApplication,
  clicksInstance,
  partitionOf,
  until,
} from './clicks.ts'

// Two instances of one application over one log, which share the partitions of every topic and keep copies of one another's
// stores, with a query service each. What one knows of the other it has from their group.

let application: ClicksApplication
/** By the partition of `clicks` that they have. */
let instances: readonly KafkaStreams[]
let services: readonly QueryService[]
const users = ['ada', 'bob', 'cyd', 'dan', 'eve', 'fay']

beforeAll(async () => {
  application = await clicksApplication()
  const { log, directory } = application
  const running: { streams: KafkaStreams; service: QueryService }[] = []
  for (const name of ['a', 'b']) {
    const settings = { 'num.standby.replicas': 1, 'processing.guarantee': 'exactly_once_v2' } as const
    const streams = clicksInstance(join(directory, `state-${name}`), embeddedClientSupplier(log), settings)
    const service = await serveQueries(streams, { port: 0 })
    running.push({ streams, service })
    await streams.start()
  }
  await until(() => running.every(({ streams }) => streams.state() === 'RUNNING' && partitionsOf(streams).length === 1))
  running.sort((a, b) => partitionsOf(a.streams)[0]! - partitionsOf(b.streams)[0]!)
  instances = running.map(({ streams }) => streams)
  services = running.map(({ service }) => service)
  application.produce(
    'clicks',
    users.map((user, index) => [user, 'a', 1_000 + index] as const),
  )
  await until(() => users.every((user) => countOf(instances[partitionOf(user)]!, user) === 1))
}, 60_000)

afterAll(async () => {
  for (const service of services) await service.close()
  for (const streams of instances) await streams.close()
  await application.close()
})

/** Partitions of `clicks` that an instance reads. */
function partitionsOf(streams: KafkaStreams): readonly number[] {
  return streams
    .metadataForLocalThreads()
    .flatMap(({ activeTasks }) => activeTasks.flatMap(({ topicPartitions }) => topicPartitions))
    .flatMap(({ topic, partition }) => (topic === 'clicks' ? [partition] : []))
}

function countOf(streams: KafkaStreams, user: string, enableStaleStores = false): number | null {
  return streams.store<string, number>('counts', undefined, { enableStaleStores }).get(user)
}

function addressOf({ url }: QueryService) {
  const { hostname, port } = new URL(url)
  return { host: hostname, port: Number(port) }
}

test('each instance has its own partition only', () => {
  expect(new Set(users.map(partitionOf))).toEqual(new Set([0, 1]))
  for (const user of users) {
    expect(countOf(instances[1 - partitionOf(user)]!, user)).toBeNull()
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

test('each knows where everything is, copies too', () => {
  for (const streams of instances) {
    expect(
      streams
        .metadataForAllStreamsClients()
        .map(({ hostInfo }) => hostInfo)
        .sort(byPort),
    ).toEqual(services.map(addressOf).sort(byPort))
    for (const user of users) {
      const partition = partitionOf(user)
      expect(streams.queryMetadataForKey('counts', user)).toEqual({
        activeHost: addressOf(services[partition]!),
        standbyHosts: [addressOf(services[1 - partition]!)],
        partition,
      })
    }
    const names = streams.streamsMetadataForStore('hourly').map(({ standbyStateStoreNames }) => standbyStateStoreNames)
    expect(names.flat()).not.toContain('recent')
  }
})

test('a copy is read where stale answers are taken', async () => {
  for (const user of users) await until(() => countOf(instances[1 - partitionOf(user)]!, user, true) !== null)
  const [service] = services
  const answer = await fetch(`${service!.url}/stores/counts/range?stale=true`, { headers: { [forwardedHeader]: '1' } })
  const { entries } = (await answer.json()) as { entries: { key: string }[] }
  expect(entries.map(({ key }) => key).sort()).toEqual(users)
  const far = users.find((user) => partitionOf(user) === 1)!
  expect(instances[0]!.query('counts', KeyQuery.withKey(far)).partitionResults.get(1)).toMatchObject({
    isSuccess: true,
  })
  const strict = instances[0]!.query('counts', KeyQuery.withKey(far), { partitions: [1], requireActive: true })
  expect(strict.partitionResults.get(1)).toMatchObject({ failureReason: 'NOT_PRESENT' })
})

test('an instance whose service is gone is an error for its keys, unless a copy will do; its partitions are missing from ranges', async () => {
  const [near, far] = [services[0]!, services[1]!]
  const farKey = users.find((user) => partitionOf(user) === 1)!
  await far.close()
  const client = queryClient<ClicksStores>(near.url)
  await expect(client.get('counts', farKey)).rejects.toMatchObject({ code: 'OWNER_UNREACHABLE' })
  const stale = await fetch(`${near.url}/stores/counts/value?key=${farKey}&stale=true`)
  expect(await stale.json()).toMatchObject({ entries: [{ key: farKey }] })
  const { entries, missingPartitions } = await client.range('counts')
  expect(missingPartitions).toEqual([1])
  expect(entries.map(({ key }) => key)).toEqual(users.filter((user) => partitionOf(user) === 0))
})

function byPort(a: { readonly port: number } | undefined, b: { readonly port: number } | undefined): number {
  return (a?.port ?? 0) - (b?.port ?? 0)
}
