import { type Broker, startBroker } from '@millrace/broker'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Admin, Cluster, type SaslToken, systemTime } from '../src/index.ts'

// OAUTHBEARER, which the bundled broker does not know: it is told what to answer.

const [saslHandshake, saslAuthenticate] = [17, 36]
let broker: Broker
let cluster: Cluster | undefined
let heard: string[]
let now: number

beforeEach(async () => {
  heard = []
  now = 1_700_000_000_000
  broker = await startBroker({ memory: true })
  broker.control(saslHandshake, { reply: () => ({ errorCode: 0, mechanisms: ['OAUTHBEARER'] }) })
})

afterEach(async () => {
  await cluster?.close()
  await broker.close()
})

function answer(replies: readonly object[]): void {
  broker.control(saslAuthenticate, {
    reply: (request) => {
      heard.push(Buffer.from((request as { authBytes: Uint8Array }).authBytes).toString())
      const none = { errorCode: 0, errorMessage: null, authBytes: new Uint8Array(0), sessionLifetimeMs: 0 }
      return { ...none, ...replies[(heard.length - 1) % replies.length] }
    },
  })
}

function admin(token: () => SaslToken): Admin {
  const time = { ...systemTime, now: () => now }
  cluster = new Cluster({
    bootstrap: broker.address,
    retryTimeoutMs: 0,
    time,
    sasl: { mechanism: 'OAUTHBEARER', token },
  })
  return new Admin(cluster)
}

test('a token is asked for and sent with its extensions', async () => {
  answer([{}])
  await admin(() => ({ value: 'abc', extensions: { logicalCluster: 'lkc-1' } })).listTopics()
  expect(heard).toEqual(['n,,\u0001auth=Bearer abc\u0001logicalCluster=lkc-1\u0001\u0001'])
})

test('who is refused hears why', async () => {
  const refusal = '{"status":"invalid_token"}'
  answer([{ authBytes: Buffer.from(refusal) }, { errorCode: 58, errorMessage: refusal }])
  await expect(admin(() => ({ value: 'old' })).listTopics()).rejects.toMatchObject({
    code: 'SASL_AUTHENTICATION_FAILED',
    message: expect.stringMatching(
      /^SASL OAUTHBEARER authentication by a token with 127\.0\.0\.1:\d+ failed: .*invalid_token/,
    ),
  })
  expect(heard[1]).toBe('\u0001')
})

test('before a token expires the next connection takes a new one', async () => {
  answer([{ sessionLifetimeMs: 10_000 }])
  let tokens = 0
  const asking = admin(() => {
    tokens += 1
    return { value: `token-${tokens}` }
  })
  await asking.listTopics()
  await asking.listTopics()
  expect(tokens).toBe(1)
  now += 9_000
  await asking.listTopics()
  expect(tokens).toBe(2)
  expect(heard[1]).toContain('token-2')
})
