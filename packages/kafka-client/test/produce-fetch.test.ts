import { type Broker, startBroker } from '@millrace/broker'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Cluster, Fetcher, Producer } from '../src/index.ts'

let broker: Broker
let cluster: Cluster

beforeEach(async () => {
  broker = await startBroker({ memory: true })
  cluster = new Cluster({ bootstrap: broker.address, retryTimeoutMs: 2000 })
})

afterEach(async () => {
  await cluster.close()
  await broker.close()
})

const bytes = (text: string) => Buffer.from(text)

test('what is produced is fetched, in order, with keys and headers', async () => {
  const producer = new Producer(cluster)
  const headers = [
    { key: 'h', value: bytes('1') },
    { key: 'h', value: null },
  ]
  const sent = await Promise.all([
    producer.send({ topic: 'lines', key: bytes('a'), value: bytes('one'), timestamp: 1000, headers }),
    producer.send({ topic: 'lines', key: null, value: null, timestamp: 2000 }),
  ])
  expect(sent).toEqual([
    { topic: 'lines', partition: 0, offset: 0 },
    { topic: 'lines', partition: 0, offset: 1 },
  ])
  const [fetched] = await new Fetcher(cluster).fetch([{ topic: 'lines', partition: 0, offset: 0 }])
  expect(fetched).toMatchObject({ nextOffset: 2, highWatermark: 2 })
  expect(fetched?.records).toMatchObject([
    { offset: 0, timestamp: 1000, headers: [{ key: 'h' }, { key: 'h', value: null }] },
    { offset: 1, timestamp: 2000, key: null, value: null, headers: [] },
  ])
  expect(String(fetched?.records[0]?.value)).toBe('one')
})

test('a fetch from the middle of a batch begins at the offset asked for', async () => {
  const producer = new Producer(cluster)
  await Promise.all(['a', 'b', 'c'].map((value) => producer.send({ topic: 't', key: null, value: bytes(value) })))
  const [fetched] = await new Fetcher(cluster).fetch([{ topic: 't', partition: 0, offset: 2 }])
  expect(fetched?.records.map((record) => String(record.value))).toEqual(['c'])
})

test('a fetch waits for data and is woken by it', async () => {
  const producer = new Producer(cluster)
  await producer.send({ topic: 't', key: null, value: bytes('first') })
  const waiting = new Fetcher(cluster, { maxWaitMs: 10_000 }).fetch([{ topic: 't', partition: 0, offset: 1 }])
  const other = new Cluster({ bootstrap: broker.address })
  await new Producer(other).send({ topic: 't', key: null, value: bytes('second') })
  const [fetched] = await waiting
  expect(fetched?.records.map((record) => String(record.value))).toEqual(['second'])
  await other.close()
})

test('an unknown offset and an unknown topic are told by code', async () => {
  await new Producer(cluster).send({ topic: 't', key: null, value: bytes('x') })
  const fetcher = new Fetcher(cluster)
  await expect(fetcher.fetch([{ topic: 't', partition: 0, offset: 99 }])).rejects.toMatchObject({
    code: 'OFFSET_OUT_OF_RANGE',
  })
  await expect(cluster.topic('missing')).rejects.toMatchObject({ code: 'UNKNOWN_TOPIC_OR_PARTITION' })
})

test('a lost answer is retried, and the idempotent producer writes nothing twice', async () => {
  broker.control(0, { disconnect: true, after: true }, { times: 1 })
  const sent = await new Producer(cluster).send({ topic: 't', key: null, value: bytes('once') })
  expect(sent.offset).toBe(0)
  const [fetched] = await new Fetcher(cluster).fetch([{ topic: 't', partition: 0, offset: 0 }])
  expect(fetched?.records).toHaveLength(1)
  expect(fetched?.highWatermark).toBe(1)
})

test('a broker that is not in the cluster at present may be replaced: the call may be repeated', async () => {
  const asked = cluster.connection(99)
  await expect(asked).rejects.toThrow('Broker 99 is not in the cluster at present.')
  await expect(asked).rejects.toMatchObject({ code: 'BROKER_NOT_AVAILABLE', isRetriable: true })
})
