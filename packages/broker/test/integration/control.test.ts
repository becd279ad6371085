import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Broker, startBroker } from '../../src/index.ts'
import { Wire } from '../wire.ts'

let broker: Broker
let wire: Wire

beforeEach(async () => {
  broker = await startBroker({ memory: true })
  wire = await Wire.open(broker)
})

afterEach(async () => {
  wire.close()
  await broker.close()
})

const metadata = { topics: [{ name: 't' }] }

test('an error is answered so many times, then the request is handled', async () => {
  broker.control(3, { error: 'LEADER_NOT_AVAILABLE' }, { times: 2 })
  for (const errorCode of [5, 5, 0]) {
    wire.request(3, 1, metadata)
    expect((await wire.answer(3, 1)).response['topics']).toMatchObject([{ errorCode, name: 't' }])
  }
})

test('a fault goes on until it is removed, and befalls its API only', async () => {
  const remove = broker.control(3, { error: 'LEADER_NOT_AVAILABLE' })
  wire.request(18, 0, {})
  expect((await wire.answer(18, 0)).response['errorCode']).toBe(0)
  wire.request(3, 1, metadata)
  expect((await wire.answer(3, 1)).response['topics']).toMatchObject([{ errorCode: 5 }])
  remove()
  wire.request(3, 1, metadata)
  expect((await wire.answer(3, 1)).response['topics']).toMatchObject([{ errorCode: 0 }])
})

test('only the requests that fit are befallen', async () => {
  const isOther = (request: { topics: { name: string }[] }) => request.topics[0]?.name === 'other'
  broker.control(3, { error: 'LEADER_NOT_AVAILABLE' }, { when: isOther })
  wire.request(3, 1, metadata)
  expect((await wire.answer(3, 1)).response['topics']).toMatchObject([{ errorCode: 0 }])
  wire.request(3, 1, { topics: [{ name: 'other' }] })
  expect((await wire.answer(3, 1)).response['topics']).toMatchObject([{ errorCode: 5 }])
})

test('a reply stands in for the answer', async () => {
  broker.control(18, { reply: () => ({ errorCode: 0, apiKeys: [{ apiKey: 1, minVersion: 2, maxVersion: 3 }] }) })
  wire.request(18, 0, {})
  expect((await wire.answer(18, 0)).response).toMatchObject({ apiKeys: [{ apiKey: 1, minVersion: 2, maxVersion: 3 }] })
})

test('a dropped request is not answered, the next one is', async () => {
  broker.control(18, { drop: true }, { times: 1 })
  wire.request(18, 0, {}, 1)
  wire.request(18, 0, {}, 2)
  expect((await wire.answer(18, 0)).correlationId).toBe(2)
})

test('a delay passes before the request is handled', async () => {
  broker.control(18, { delayMs: 30 }, { times: 1 })
  const before = performance.now()
  wire.request(18, 0, {})
  await wire.answer(18, 0)
  expect(performance.now() - before).toBeGreaterThan(25)
})

test('a disconnect loses the request, or its answer only', async () => {
  broker.control(3, { disconnect: true }, { times: 1 })
  wire.request(3, 1, metadata)
  expect(await wire.frame()).toBeUndefined()
  expect(broker.engine.describeTopic('t')).toBeUndefined()
  const second = await Wire.open(broker)
  broker.control(3, { disconnect: true, after: true }, { times: 1 })
  second.request(3, 1, metadata)
  expect(await second.frame()).toBeUndefined()
  expect(broker.engine.describeTopic('t')).toBeDefined()
})
