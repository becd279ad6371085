import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import {
  SchemaRegistryClient,
  type SchemaRegistryClientOptions,
  SchemaRegistryError,
} from '../../src/schema-registry.ts'

/** What the server below is to answer: a status and a body, or nothing at all. */
type Answer = readonly [status: number, body: unknown] | 'hangUp'

interface Asked {
  readonly method: string
  readonly path: string
  readonly authorization: string | undefined
  readonly body: string
}

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close()
    server.closeAllConnections()
  }
})

/** A server that gives these answers in turn, the last one for ever, and what it was asked. */
async function serverOf(...answers: Answer[]): Promise<{ readonly url: string; readonly asked: Asked[] }> {
  const asked: Asked[] = []
  const server = createServer(async (request, response) => {
    const answer = answers[Math.min(asked.length, answers.length - 1)]!
    const { method = '', url = '', headers } = request
    asked.push({ method, path: url, authorization: headers.authorization, body: await bodyOf(request) })
    if (answer === 'hangUp') request.socket.destroy()
    else response.writeHead(answer[0]).end(typeof answer[1] === 'string' ? answer[1] : JSON.stringify(answer[1]))
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request) text += chunk
  return text
}

const slept: number[] = []
const client = (options: SchemaRegistryClientOptions) => {
  slept.length = 0
  const time = { now: () => 0, sleep: async (ms: number) => void slept.push(ms) }
  return new SchemaRegistryClient({ time, ...options })
}
const schema = { schemaType: 'AVRO', schema: '"string"', references: [] } as const

test('what never changes is asked for once, also by many at the same time', async () => {
  const { url, asked } = await serverOf([200, { schema: '"string"' }])
  const registry = client({ url })
  const [first, second] = await Promise.all([registry.schemaById(7), registry.schemaById(7)])
  expect(first).toEqual(schema)
  expect(second).toBe(first)
  await registry.schemaById(7)
  expect(asked.map(({ path }) => path)).toEqual(['/schemas/ids/7'])
})

test('a registry that cannot serve now is asked again, after longer and longer waits', async () => {
  const { url, asked } = await serverOf('hangUp', [503, 'no json'], [500, { error_code: 50001 }], [200, { id: 3 }])
  expect(await client({ url }).register('a/b', schema)).toBe(3)
  expect(asked).toHaveLength(4)
  expect(asked[3]).toMatchObject({
    method: 'POST',
    path: '/subjects/a%2Fb/versions',
    body: '{"schema":"\\"string\\""}',
  })
  expect(slept).toEqual([100, 200, 400])
})

test('after the last attempt the error says what was asked, and that it may pass', async () => {
  const { url, asked } = await serverOf('hangUp')
  const error = await client({ url, retries: 2 })
    .schemaById(7)
    .catch((thrown) => thrown)
  expect(error).toBeInstanceOf(SchemaRegistryError)
  expect(error).toMatchObject({ status: undefined, isRetriable: true, isAnswer: false })
  expect(error.message).toContain(`The schema registry at ${url} cannot be reached`)
  expect(asked).toHaveLength(3)
})

test('what was refused is not asked again at once, but at the next call', async () => {
  const { url, asked } = await serverOf([404, { error_code: 40403, message: 'Schema 7 not found' }], [200, schema])
  const registry = client({ url })
  const error = await registry.schemaById(7).catch((thrown) => thrown)
  expect(error).toMatchObject({ status: 404, errorCode: 40403, isRetriable: false, isAnswer: true })
  expect(error.message).toMatch(/answered GET \/schemas\/ids\/7 with 404 \(40403\): Schema 7 not found/)
  expect(slept).toEqual([])
  expect(await registry.schemaById(7)).toEqual(schema)
  expect(asked).toHaveLength(2)
})

test('an answer from something else than a registry is no answer about a schema', async () => {
  const { url } = await serverOf([404, '<html>'], [401, { error_code: 40101 }], [200, 'OK'])
  for (let i = 0; i < 3; i++) {
    expect(
      await client({ url })
        .schemaById(7)
        .catch((error) => error),
    ).toMatchObject({ isAnswer: false })
  }
})

test('one that does not answer in time is asked again', async () => {
  const registry = client({
    url: 'http://registry',
    retries: 1,
    timeoutMs: 1,
    fetch: (_url, init) =>
      new Promise((_resolve, reject) => {
        init!.signal!.addEventListener('abort', () => reject(init!.signal!.reason))
      }),
  })
  await expect(registry.schemaById(7)).rejects.toThrow(/cannot be reached \(.*timeout/)
  expect(slept).toEqual([100])
})

test('of several URLs the next one is asked, and remembered', async () => {
  const [broken, good] = [await serverOf('hangUp'), await serverOf([200, { schema: '"string"' }])]
  const registry = client({ url: [broken.url, good.url] })
  await registry.schemaById(1)
  await registry.schemaById(2)
  expect([broken.asked.length, good.asked.length]).toEqual([1, 2])
  expect(slept).toEqual([])
})

test('says who asks: by name and password, by token, or by what the URL says; messages keep it secret', async () => {
  const { url, asked } = await serverOf([401, { error_code: 40101, message: 'no' }])
  const inUrl = url.replace('http://', 'http://ann:s%40crt@')
  const basic = { username: 'ann', password: 's@crt' }
  for (const options of [{ url, authentication: basic }, { url: inUrl }]) {
    const error = await client(options)
      .schemaById(1)
      .catch((thrown) => thrown)
    expect(error.message).not.toContain('crt')
    expect(asked.at(-1)!.authorization).toBe(`Basic ${Buffer.from('ann:s@crt').toString('base64')}`)
  }
  expect(client({ url: inUrl }).name).toBe(url)
  let count = 0
  const registry = client({ url, authentication: { token: async () => `t${++count}` } })
  for (const token of ['t1', 't2']) {
    await registry.schemaById(1).catch(() => undefined)
    expect(asked.at(-1)!.authorization).toBe(`Bearer ${token}`)
  }
})
