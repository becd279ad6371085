import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readEvents, type ServerSentEvent } from '../../src/queries/http/event-stream.ts'
import { QueryServiceError, queryClient } from '../../src/queries/http/query-client.ts'
import { type QueryService, serveQueries } from '../../src/queries/http/query-service.ts'
import {
  type ClicksApplication,
  type ClicksStores,
  clickedApplication,
  clicksApplication,
  hourMs,
  partitionOf,
} from './clicks.ts'

let application: ClicksApplication
let service: QueryService

beforeAll(async () => {
  application = await clickedApplication()
  service = await serveQueries(application.streams, { port: 0 })
})

afterAll(async () => {
  await service.close()
  await application.close()
})

const users = ['ada', 'bob', 'cyd', 'dan']

async function get(path: string): Promise<{ status: number; body: unknown }> {
  const response = await fetch(service.url + path)
  return { status: response.status, body: await response.json() }
}

test('it is bound to the loopback', () => {
  expect(service.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
})

test('before the start it says so', async () => {
  expect(await get('/ready')).toEqual({ status: 503, body: { state: 'CREATED' } })
  expect(await get('/stores/counts/value?key=ada')).toMatchObject({
    status: 503,
    body: { error: { code: 'STREAMS_NOT_STARTED' } },
  })
  await application.streams.start()
  await application.settled()
  expect(await get('/ready')).toEqual({ status: 200, body: { state: 'RUNNING' } })
})

describe('answers, as anyone gets them', () => {
  test('the value of a key', async () => {
    const partition = partitionOf('ada')
    const { status, body } = await get('/stores/counts/value?key=ada')
    expect(status).toBe(200)
    expect(body).toMatchObject({
      store: 'counts',
      entries: [{ key: 'ada', value: 3, timestamp: hourMs + 1_000 }],
      hasMore: false,
      position: { clicks: { [partition]: expect.any(Number) } },
    })
    expect((await get('/stores/counts/value?key=eve')).body).toMatchObject({ entries: [] })
    expect((await get('/stores/countries/value?key=fr')).body).toMatchObject({ entries: [{ value: 'France' }] })
  })

  test('a range of a large store, whose keys do not come into memory', async () => {
    const others = await clicksApplication()
    const served = await serveQueries(others.streams, { port: 0 })
    try {
      const numbers = Array.from({ length: 1000 }, (_, i) => String(i).padStart(4, '0'))
      others.produce(
        'clicks',
        numbers.map((number) => [number, 'a', 1_000]),
      )
      await others.streams.start()
      await others.settled()
      const memory = () =>
        others.streams
          .metrics()
          .filter(({ name }) => name === 'state-memory-bytes')
          .reduce((sum, metric) => sum + Number(metric.value()), 0)
      const before = memory()
      for (const order of ['ascending', 'descending']) {
        const keys: string[] = []
        for (const partition of [0, 1]) {
          const query = `from=0100&to=0199&order=${order}&limit=60&partition=${partition}`
          const { entries } = (await (await fetch(`${served.url}/stores/counts/range?${query}`)).json()) as {
            entries: { key: string }[]
          }
          keys.push(...entries.map(({ key }) => key))
        }
        expect(keys.sort()).toEqual(numbers.slice(100, 200))
      }
      expect(memory() - before).toBeLessThan(30_000)
    } finally {
      await served.close()
      await others.close()
    }
  })

  test('the stores', async () => {
    const { body } = await get('/stores')
    expect((body as { stores: { name: string; kind: string }[] }).stores.map(({ name, kind }) => [name, kind])).toEqual(
      [
        ['counts', 'key-value'],
        ['hourly', 'window'],
        ['visits', 'session'],
        ['recent', 'key-value'],
        ['plans', 'versioned'],
        ['countries', 'key-value'],
      ],
    )
    expect((await get('/stores/counts')).body).toEqual({
      name: 'counts',
      kind: 'key-value',
      isGlobal: false,
      partitionCount: 2,
      partitions: [
        { partition: 0, isRestoring: false },
        { partition: 1, isRestoring: false },
      ],
    })
  })

  test('the lag', async () => {
    expect((await get('/lag')).body).toMatchObject({ counts: { 0: { offsetLag: 0 }, 1: { offsetLag: 0 } } })
  })

  test.each([
    ['/nothing', 404, 'NOT_FOUND'],
    ['/stores/counts/nothing', 404, 'NOT_FOUND'],
    ['/stores/nothing/value?key=a', 404, 'STREAMS_UNKNOWN_STATE_STORE'],
    ['//', 400, 'BAD_REQUEST'],
    ['/stores/%E0%A4%A/value', 400, 'BAD_REQUEST'],
    ['/stores/counts/value', 400, 'BAD_REQUEST'],
    ['/stores/counts/windows?key=ada', 400, 'STREAMS_INVALID_STATE_STORE'],
    ['/stores/counts/range?limit=0', 400, 'BAD_REQUEST'],
    ['/stores/counts/range?partition=9', 404, 'STREAMS_INVALID_STATE_STORE_PARTITION'],
    ['/stores/counts/value?key=ada&position=1', 400, 'BAD_REQUEST'],
    ['/stores/counts/value?key=%5B1%5D&keys=json', 400, 'BAD_REQUEST'],
    ['/stores/recent/updates', 400, 'STREAMS_INVALID_STATE_STORE'],
  ])('%s: %i %s', async (path, status, code) => {
    expect(await get(path)).toEqual({ status, body: { error: { code, message: expect.any(String) } } })
  })

  test('only GET', async () => {
    const status = await new Promise((resolve) => {
      request(`${service.url}/ready`, { method: 'POST' }, (response) => resolve(response.resume().statusCode)).end()
    })
    expect(status).toBe(405)
  })
})

describe('the client', () => {
  const client = () => queryClient<ClicksStores>(service.url)

  test('keys and ranges', async () => {
    expect(await Promise.all(users.map((user) => client().get('counts', user)))).toEqual([3, 1, 1, 1])
    expect(await client().get('counts', 'eve')).toBeNull()
    expect(await client().entry('counts', 'ada')).toEqual({ key: 'ada', value: 3, timestamp: hourMs + 1_000 })
    const { entries, hasMore } = await client().range('counts')
    expect([entries.map(({ key }) => key).sort(), hasMore]).toEqual([users, false])
    const some = await client().range('counts', { from: 'b', to: 'cz' })
    expect(some.entries.map(({ key }) => key).sort()).toEqual(['bob', 'cyd'])
    const cut = await client().range('counts', { limit: 3, order: 'descending' })
    expect([cut.entries.length, cut.hasMore]).toEqual([3, true])
  })

  test('windows, sessions and versions', async () => {
    const windows = await client().windows('hourly', { key: 'ada' })
    expect(windows.entries).toEqual([
      { key: 'ada', value: 2, timestamp: 5_000, window: { start: 0, end: hourMs } },
      { key: 'ada', value: 1, timestamp: hourMs + 1_000, window: { start: hourMs, end: 2 * hourMs } },
    ])
    const first = await client().windows('hourly', { from: 0, to: 0 })
    expect(first.entries.map(({ key }) => key).sort()).toEqual(['ada', 'bob', 'cyd'])
    const sessions = await client().sessions('visits', { key: 'ada', order: 'descending' })
    expect(sessions.entries.map(({ value, window }) => [value, window])).toEqual([
      [1, { start: hourMs + 1_000, end: hourMs + 1_000 }],
      [2, { start: 1_000, end: 5_000 }],
    ])
    expect(await client().get('plans', 'ada', { asOf: 2_000 })).toBe('free')
    const versions = await client().versions('plans', 'ada')
    expect(versions.entries).toEqual([
      { key: 'ada', value: 'free', timestamp: 1_000, validTo: 5_000 },
      { key: 'ada', value: 'paid', timestamp: 5_000 },
    ])
  })

  test('a bound that is not reached is an error with its code', async () => {
    const position = { clicks: { [partitionOf('ada')]: 1_000_000 } }
    const error = await client()
      .get('counts', 'ada', { position })
      .catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(QueryServiceError)
    expect(error).toMatchObject({ status: 503, code: 'NOT_UP_TO_BOUND' })
  })

  test('it is ready, and knows the stores and the instance', async () => {
    expect(await client().isReady()).toBe(true)
    expect((await client().stores()).map(({ name }) => name)).toContain('counts')
    expect(await client().instances()).toHaveLength(1)
  })
})

describe('live updates', () => {
  test('of a key: what it has now, then each change of it', async () => {
    const stop = new AbortController()
    const updates = queryClient<ClicksStores>(service.url).updates('counts', { key: 'fay', signal: stop.signal })
    expect((await updates.next()).value).toEqual({ kind: 'value', entries: [] })
    application.produce('clicks', [
      ['ada', 'd', hourMs + 4_000],
      ['fay', 'a', hourMs + 5_000],
    ])
    const change = (value: number, timestamp: number) => ({ kind: 'change', key: 'fay', value, timestamp })
    expect((await updates.next()).value).toEqual(change(1, hourMs + 5_000))
    application.produce('clicks', [['fay', 'b', hourMs + 6_000]])
    expect((await updates.next()).value).toEqual(change(2, hourMs + 6_000))
    const again = queryClient<ClicksStores>(service.url).updates('counts', { key: 'fay', signal: stop.signal })
    expect((await again.next()).value).toMatchObject({ kind: 'value', entries: [{ value: 2 }] })
    stop.abort()
    expect((await updates.next()).done).toBe(true)
  })

  test('of a table: the changes of all keys from now on, windows with theirs', async () => {
    const stop = new AbortController()
    const client = queryClient<ClicksStores>(service.url)
    const visits = client.updates('visits', { key: 'gus', signal: stop.signal })
    await visits.next()
    // The head of the answer comes when nothing that follows is missed.
    const response = await fetch(`${service.url}/stores/plans/updates`, { signal: stop.signal })
    const plans = readEvents(response, stop.signal)
    application.produce('plans', [['gus', 'free', hourMs]])
    const change = (await plans.next()).value as ServerSentEvent
    expect(change.event).toBe('change')
    expect(JSON.parse(change.data)).toEqual({ key: 'gus', value: 'free', timestamp: hourMs })
    application.produce('clicks', [['gus', 'a', hourMs + 7_000]])
    expect((await visits.next()).value).toEqual({
      kind: 'change',
      key: 'gus',
      value: 1,
      timestamp: hourMs + 7_000,
      window: { start: hourMs + 7_000, end: hourMs + 7_000 },
    })
    stop.abort()
  })
})

test('closing ends what is open', async () => {
  const other = await serveQueries(application.streams, { port: 0, maxSubscriptions: 1 })
  const client = queryClient<ClicksStores>(other.url)
  const updates = client.updates('counts', { key: 'ada' })
  await updates.next()
  const error = await client
    .updates('counts', { key: 'bob' })
    .next()
    .catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ status: 503, code: 'TOO_MANY_SUBSCRIPTIONS' })
  const next = updates.next().then(
    ({ done }) => done,
    () => true,
  )
  await other.close()
  expect(await next).toBe(true)
})
