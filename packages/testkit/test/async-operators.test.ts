import { Serdes, topic } from '@millrace/serdes'
import { StreamsBuilder } from '@millrace/streams-core'
import { expect, test } from 'vitest'
import { TopologyTestDriver } from '../src/index.ts'

const numbers = topic('in', { key: Serdes.string(), value: Serdes.json<number>() })
const results = topic('out', { key: Serdes.string(), value: Serdes.json<number>() })

/** Calls that end when the test says so. */
class Gate {
  readonly started: number[] = []
  readonly #open = new Map<number, () => void>()

  call = (value: number): Promise<number> => {
    this.started.push(value)
    return new Promise((resolve) => this.#open.set(value, () => resolve(value * 10)))
  }

  async end(value: number): Promise<void> {
    this.#open.get(value)!()
    await new Promise((resolve) => setImmediate(resolve))
  }
}

function driverOf(build: (builder: StreamsBuilder) => void, config = {}): TopologyTestDriver {
  const builder = new StreamsBuilder()
  build(builder)
  return new TopologyTestDriver(builder.build(), config)
}

test('results leave in the order of the records, whatever order the calls end in', async () => {
  const gate = new Gate()
  const driver = driverOf((builder) => builder.stream(numbers).mapValuesAsync(gate.call).to(results))
  const input = driver.createInputTopic(numbers)
  const output = driver.createOutputTopic(results)
  input.pipeKeyValueList([
    ['a', 1],
    ['b', 2],
    ['c', 3],
  ])
  expect(gate.started).toEqual([1, 2, 3])
  await gate.end(3)
  await gate.end(2)
  expect(output.isEmpty()).toBe(true)
  await gate.end(1)
  await driver.settle()
  expect(output.readKeyValuesToList()).toEqual([
    ['a', 10],
    ['b', 20],
    ['c', 30],
  ])
  driver.close()
})

test('records of one key are worked on one after the other', async () => {
  const gate = new Gate()
  const driver = driverOf((builder) => builder.stream(numbers).mapValuesAsync(gate.call).to(results))
  const input = driver.createInputTopic(numbers)
  input.pipeKeyValueList([
    ['a', 1],
    ['a', 2],
    ['b', 3],
  ])
  expect(gate.started).toEqual([1, 3])
  await gate.end(1)
  expect(gate.started).toEqual([1, 3, 2])
  await gate.end(2)
  await gate.end(3)
  await driver.settle()
  expect(driver.createOutputTopic(results).readValuesToList()).toEqual([10, 20, 30])
  driver.close()
})

test('at most so many calls run at once, and the task takes no record while the operator is full', async () => {
  const gate = new Gate()
  const driver = driverOf((builder) =>
    builder.stream(numbers).mapValuesAsync(gate.call, { concurrency: 2 }).to(results),
  )
  const input = driver.createInputTopic(numbers)
  for (let value = 0; value < 20; value += 1) input.pipeInput(`k${value}`, value)
  expect(gate.started).toEqual([0, 1])
  for (let value = 0; value < 20; value += 1) {
    await gate.end(value)
    driver.advanceWallClockTime(0)
    expect(gate.started.length).toBe(Math.min(20, value + 3))
  }
  expect(driver.createOutputTopic(results).queueSize()).toBe(20)
  driver.close()
})

test('a failed call is made again, and a state downstream sees each result once', async () => {
  let calls = 0
  const driver = driverOf((builder) =>
    builder
      .stream(numbers)
      .mapValuesAsync(
        async (value) => {
          calls += 1
          if (calls % 3 !== 0) throw new Error('not yet')
          return value
        },
        { retry: { maxAttempts: 3, backoffMs: 1000 } },
      )
      .groupByKey()
      .count({ storeName: 'counts' })
      .toStream()
      .to(results),
  )
  const input = driver.createInputTopic(numbers)
  input.pipeKeyValueList([
    ['a', 1],
    ['a', 2],
  ])
  await driver.settle()
  expect(calls).toBe(6)
  expect(driver.createOutputTopic(results).readKeyValuesToList()).toEqual([
    ['a', 1],
    ['a', 2],
  ])
  expect(driver.getKeyValueStore<string, number>('counts')!.get('a')).toBe(2)
  driver.close()
})

test('a call that takes too long has failed; the processing handler decides', async () => {
  const driver = driverOf(
    (builder) =>
      builder
        .stream(numbers)
        .mapValuesAsync((value) => (value === 1 ? new Promise<number>(() => {}) : Promise.resolve(value)), {
          timeoutMs: 50,
        })
        .to(results),
    { 'processing.exception.handler': 'continue' },
  )
  const input = driver.createInputTopic(numbers)
  input.pipeKeyValueList([
    ['a', 1],
    ['b', 2],
  ])
  await new Promise((resolve) => setImmediate(resolve))
  driver.advanceWallClockTime(50)
  await driver.settle()
  expect(driver.createOutputTopic(results).readKeyValuesToList()).toEqual([['b', 2]])
  driver.close()
})

test('an error that is not handled rejects settle', async () => {
  const driver = driverOf((builder) =>
    builder
      .stream(numbers)
      .mapValuesAsync(() => Promise.reject(new Error('boom')))
      .to(results),
  )
  driver.createInputTopic(numbers).pipeInput('a', 1)
  await expect(driver.settle()).rejects.toThrow('boom')
  driver.close()
})

test('flatMapAsync and processAsync give any number of records', async () => {
  const driver = driverOf((builder) =>
    builder
      .stream(numbers)
      .flatMapAsync(async (value, key) => Array.from({ length: value }, (_, at) => [`${key}${at}`, at] as const))
      .processAsync(async (record) => (record.value === 0 ? undefined : [record, record.withValue(record.value * 100)]))
      .to(results),
  )
  driver.createInputTopic(numbers).pipeInput('a', 3, 7)
  await driver.settle()
  const rows = driver.createOutputTopic(results).readRecordsToList()
  expect(rows.map(({ key, value, timestamp }) => [key, value, timestamp])).toEqual([
    ['a1', 1, 7],
    ['a1', 100, 7],
    ['a2', 2, 7],
    ['a2', 200, 7],
  ])
  driver.close()
})
