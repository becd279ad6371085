import { ReadableStream } from 'node:stream/web'
import { StreamsBuilder, silentLogger } from '@millrace/streams-core'
import { TopologyTestDriver } from '@millrace/testkit'
import { expect, test } from 'vitest'
import {
  fromAsyncIterable,
  fromReadableStream,
  type OutputRecord,
  toAsyncIterable,
  toReadableStream,
} from '../src/streams/index.ts'
import { application, doubled, numbers, until } from './fixture.ts'

/** Gives 0, 1, 2 … and notes how many were asked for. */
function counting(count: number) {
  const asked = { count: 0 }
  async function* values() {
    for (let value = 0; value < count; value += 1) {
      asked.count += 1
      yield value
    }
  }
  return { asked, values: values() }
}

async function take<T>(records: AsyncIterable<T>, count: number): Promise<T[]> {
  const taken: T[] = []
  for await (const record of records) {
    taken.push(record)
    if (taken.length === count) break
  }
  return taken
}

const valuesOf = (records: readonly OutputRecord<string, number>[]) => records.map(({ value }) => value)

test('the same file runs in the test driver: iterable in, iterable out', async () => {
  const builder = new StreamsBuilder({ logger: silentLogger })
  const input = fromAsyncIterable(builder, counting(5).values, numbers, { key: (value) => `k${value}` })
  const output = toAsyncIterable(
    input.mapValues((value) => value * 2),
    doubled,
  )
  const results = take(output, 5)
  const driver = new TopologyTestDriver(builder.build())
  const records = await results
  expect(records.map(({ key, value }) => [key, value])).toEqual([
    ['k0', 0],
    ['k1', 2],
    ['k2', 4],
    ['k3', 6],
    ['k4', 8],
  ])
  driver.close()
})

for (const guarantee of ['exactly_once_v2', 'at_least_once'] as const) {
  test(`${guarantee}: what was committed comes out, in order, up to the end of the application`, async () => {
    const builder = new StreamsBuilder({ logger: silentLogger })
    const input = fromAsyncIterable(builder, counting(500).values, numbers, { maxInFlight: 50 })
    const output = toAsyncIterable(
      input.mapValues((value) => value * 2),
      doubled,
    )
    const all = take(output, Number.POSITIVE_INFINITY)
    const app = await application(builder, { 'processing.guarantee': guarantee })
    await app.streams.start()
    await until(() => app.engine.listOffset({ topic: 'doubled', partition: 0 }, 'latest').offset >= 500)
    await app.close()
    expect(valuesOf(await all)).toEqual(Array.from({ length: 500 }, (_, at) => at * 2))
  })
}

test('a source is asked for no more while maxInFlight records wait for the log', async () => {
  const builder = new StreamsBuilder({ logger: silentLogger })
  const { asked, values } = counting(1_000)
  fromAsyncIterable(builder, values, numbers, { maxInFlight: 10 }).foreach(() => {})
  const app = await application(builder)
  const produced = () => app.engine.listOffset({ topic: 'numbers', partition: 0 }, 'latest').offset
  await app.streams.start()
  let most = 0
  await until(() => {
    most = Math.max(most, asked.count - produced())
    return produced() >= 1_000
  })
  // One more was asked for than may be in flight: the one that waits.
  expect(most).toBeLessThanOrEqual(11)
  await app.close()
})

test('a slow reader leaves the results in the log, and reads on where it was', async () => {
  const builder = new StreamsBuilder({ logger: silentLogger })
  const input = fromAsyncIterable(builder, counting(3_000).values, numbers)
  const output = toAsyncIterable(
    input.mapValues((value) => value * 2),
    doubled,
  )
  const reader = output[Symbol.asyncIterator]()
  const app = await application(builder, { 'processing.guarantee': 'at_least_once' })
  await app.streams.start()
  await until(() => app.engine.listOffset({ topic: 'doubled', partition: 0 }, 'latest').offset >= 3_000)
  const read: (number | null)[] = []
  while (read.length < 3_000) read.push((await reader.next()).value!.value)
  expect(read).toEqual(Array.from({ length: 3_000 }, (_, at) => at * 2))
  await reader.return!()
  await app.close()
})

test('each for-await reads the topic by itself, from the beginning if asked to', async () => {
  const builder = new StreamsBuilder({ logger: silentLogger })
  const input = fromAsyncIterable(builder, [1, 2, 3], numbers)
  const output = toAsyncIterable(
    input.mapValues((value) => value * 2),
    doubled,
    { from: 'earliest' },
  )
  const app = await application(builder)
  await app.streams.start()
  expect(valuesOf(await take(output, 3))).toEqual([2, 4, 6])
  expect(valuesOf(await take(output, 3))).toEqual([2, 4, 6])
  await app.close()
})

test('web streams at both ends', async () => {
  const builder = new StreamsBuilder({ logger: silentLogger })
  const source = new ReadableStream<number>({
    start(controller) {
      for (const value of [1, 2, 3]) controller.enqueue(value)
      controller.close()
    },
  })
  const output = toReadableStream(
    fromReadableStream(builder, source, numbers).mapValues((value) => value * 2),
    doubled,
  )
  const app = await application(builder)
  await app.streams.start()
  const reader = output.getReader()
  const read: (number | null)[] = []
  while (read.length < 3) read.push((await reader.read()).value!.value)
  expect(read).toEqual([2, 4, 6])
  await reader.cancel()
  await app.close()
})

test('a source that fails stops feeding; the application goes on', async () => {
  const builder = new StreamsBuilder({ logger: silentLogger })
  async function* failing() {
    yield 1
    throw new Error('The sensor is gone.')
  }
  const errors: string[] = []
  const input = fromAsyncIterable(builder, failing(), numbers, { onError: (error) => errors.push(error.message) })
  const output = toAsyncIterable(
    input.mapValues((value) => value * 2),
    doubled,
  )
  const results = take(output, 1)
  const app = await application(builder)
  await app.streams.start()
  expect(valuesOf(await results)).toEqual([2])
  await until(() => errors.length === 1)
  expect(errors).toEqual(['The sensor is gone.'])
  expect(app.streams.state()).toBe('RUNNING')
  await app.close()
})

test('an edge whose topic does not exist keeps the application from starting, and says so', async () => {
  const builder = new StreamsBuilder({ logger: silentLogger })
  const output = toAsyncIterable(builder.stream(numbers), { ...doubled, name: 'nowhere' })
  const failed = take(output, 1).catch((error: Error) => error.message)
  const app = await application(builder)
  await expect(app.streams.start()).rejects.toThrow(/'nowhere'/)
  expect(await failed).toMatch(/'nowhere'/)
  await app.close()
})
