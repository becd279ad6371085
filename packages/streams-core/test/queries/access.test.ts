import { request } from 'node:http'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { queryClient } from '../../src/queries/http/query-client.ts'
import { type QueryService, type QueryServiceOptions, serveQueries } from '../../src/queries/http/query-service.ts'
import { type ClicksApplication, type ClicksStores, clicksApplication } from './clicks.ts'

let application: ClicksApplication
let service: QueryService | undefined

beforeAll(async () => {
  application = await clicksApplication()
  application.produce('clicks', [['ada', 'a', 1_000]])
  await application.streams.start()
  await application.settled()
})

afterEach(async () => {
  await service?.close()
  service = undefined
})

afterAll(() => application.close())

async function serve(options: Partial<QueryServiceOptions>): Promise<QueryService> {
  service = await serveQueries(application.streams, { port: 0, ...options })
  return service
}

/** The status of an answer, with headers of one's own. */
function statusOf({ port }: QueryService, headers: { readonly [name: string]: string }): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const asking = request({ host: '127.0.0.1', port, path: '/stores', headers }, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
    asking.on('error', reject)
    asking.end()
  })
}

test('a name that nobody has given to the service is refused', async () => {
  const loopback = await serve({ allowedHosts: ['queries.internal'] })
  for (const host of ['127.0.0.1', `localhost:${loopback.port}`, '[::1]:80', 'Queries.Internal:7070'])
    expect(await statusOf(loopback, { host }), host).toBe(200)
  for (const host of ['evil.example', 'localhost.evil.example:80', '127.0.0.1.evil.example'])
    expect(await statusOf(loopback, { host }), host).toBe(403)
})

test('with a token only those are answered who have it', async () => {
  const guarded = await serve({ token: 'open sesame' })
  expect(await statusOf(guarded, {})).toBe(401)
  expect(await statusOf(guarded, { authorization: 'Bearer close sesame' })).toBe(401)
  expect(await statusOf(guarded, { authorization: 'Bearer open sesame' })).toBe(200)
  expect(await queryClient<ClicksStores>(guarded.url, { token: 'open sesame' }).get('counts', 'ada')).toBe(1)
  await expect(queryClient<ClicksStores>(guarded.url).get('counts', 'ada')).rejects.toMatchObject({
    status: 401,
    code: 'UNAUTHORIZED',
  })
})

test('a function decides who is answered', async () => {
  const guarded = await serve({ authorize: async ({ headers }) => headers['x-user'] === 'ada' })
  expect(await statusOf(guarded, { 'x-user': 'ada' })).toBe(200)
  expect(await statusOf(guarded, { 'x-user': 'bob' })).toBe(401)
})

test('an address that others can reach needs one of them', async () => {
  await expect(serve({ host: '0.0.0.0' })).rejects.toThrow(/would answer anybody who can reach it\. Give a token/)
  await serve({ host: '0.0.0.0', allowUnauthenticated: true })
})
