import { Headers, Serdes, topic } from '@millrace/serdes'
import { type ProcessorContext, StreamsBuilder } from '@millrace/streams-core'
import { describe, expect, test } from 'vitest'
import { TestRecord, TopologyTestDriver } from '../src/index.ts'

const words = topic('words', { key: Serdes.string(), value: Serdes.string() })
const joined = topic('joined', { key: Serdes.string(), value: Serdes.string() })
const counts = topic('counts', { key: Serdes.string(), value: Serdes.json<number>() })

function wordCount(): TopologyTestDriver {
  const builder = new StreamsBuilder()
  builder
    .stream(words)
    .flatMapValues((line) => line.split(' '))
    .groupBy((word) => word, { keySerde: Serdes.string(), valueSerde: Serdes.string() })
    .count({ storeName: 'counts-store' })
    .toStream()
    .to(counts)
  return new TopologyTestDriver(builder.build())
}

describe('topics', () => {
  test('a record is processed, through repartition topics too, before pipeInput returns', () => {
    const driver = wordCount()
    driver.createInputTopic(words).pipeInput('to be or not to be')
    expect(driver.createOutputTopic(counts).readKeyValuesToMap()).toEqual(
      new Map([
        ['to', 2],
        ['be', 2],
        ['or', 1],
        ['not', 1],
      ]),
    )
    expect(driver.producedTopicNames()).toEqual([
      'test-counts-store-repartition',
      'test-counts-store-changelog',
      'counts',
    ])
    driver.close()
  })

  test('topics by name have the serdes of the topology', () => {
    const driver = wordCount()
    driver.createInputTopic('words').pipeInput(null, 'a')
    expect(driver.createOutputTopic('counts').readKeyValue()).toEqual(['a', 1])
  })

  test('records have the topic’s own time, which advances as told', () => {
    const driver = wordCount()
    const input = driver.createInputTopic(words, { startTimestamp: 100, autoAdvanceMs: 5 })
    const output = driver.createOutputTopic(counts)
    input.pipeValueList(['a', 'b'])
    input.advanceTime(1000)
    input.pipeInput('c')
    input.pipeKeyValueList(
      [
        ['k', 'd'],
        ['k', 'e'],
      ],
      { startTimestamp: 7, advanceMs: 1 },
    )
    expect(output.readRecordsToList().map(({ key, timestamp }) => [key, timestamp])).toEqual([
      ['a', 100],
      ['b', 105],
      ['c', 1110],
      ['d', 7],
      ['e', 8],
    ])
  })

  test('headers and timestamps of a TestRecord go in and come out', () => {
    const builder = new StreamsBuilder()
    builder.stream(words).to(joined)
    const driver = new TopologyTestDriver(builder.build())
    driver.createInputTopic(words).pipeInput(new TestRecord('k', 'v', 9, Headers.empty.add('h', 'x')))
    const record = driver.createOutputTopic(joined).readRecord()
    expect([record.key, record.value, record.timestamp]).toEqual(['k', 'v', 9])
    expect(record.headers.toArray().map(({ key }) => key)).toEqual(['h'])
  })

  test('a topic that the topology does not read is refused, and an empty output says so', () => {
    const driver = wordCount()
    const other = driver.createInputTopic('other', { keySerde: Serdes.string(), valueSerde: Serdes.string() })
    expect(() => other.pipeInput('v')).toThrow("Unknown topic 'other'")
    expect(() => driver.createOutputTopic(counts).readValue()).toThrow("Topic 'counts' holds no record")
  })
})

describe('time', () => {
  test('advancing the wall clock calls each due wall-clock punctuator once', () => {
    const calls: number[] = []
    const builder = new StreamsBuilder()
    builder.stream(words).process(() => ({
      init(context: ProcessorContext<string, string>) {
        context.schedule(10, 'wall-clock-time', (time) => calls.push(time))
      },
      process() {},
    }))
    const driver = new TopologyTestDriver(builder.build(), {}, 1000)
    driver.advanceWallClockTime(9)
    driver.advanceWallClockTime(1)
    driver.advanceWallClockTime(35)
    expect(calls).toEqual([1010, 1045])
  })

  test('max.task.idle.ms holds a record back until the wall clock has passed it', () => {
    const builder = new StreamsBuilder()
    const other = topic('other', { key: Serdes.string(), value: Serdes.string() })
    builder
      .stream(words)
      .join(builder.table(other, { storeName: 'other-store' }), (left, right) => left + right)
      .to(joined)
    const driver = new TopologyTestDriver(builder.build(), { 'max.task.idle.ms': 100 })
    const output = driver.createOutputTopic(joined)
    driver.createInputTopic(words).pipeInput('k', 'left', 5)
    driver.createInputTopic(other).pipeInput('k', 'right', 1)
    expect(output.isEmpty()).toBe(true)
    driver.advanceWallClockTime(100)
    expect(output.readValue()).toBe('leftright')
  })
})

describe('stores', () => {
  test('are read by kind, with or without the timestamps of their values', () => {
    const driver = wordCount()
    driver.createInputTopic(words).pipeInput(null, 'a a', 5)
    expect(driver.getKeyValueStore<string, number>('counts-store')!.get('a')).toBe(2)
    expect(driver.getTimestampedKeyValueStore<string, number>('counts-store')!.get('a')).toEqual({
      value: 2,
      timestamp: 5,
    })
    expect([...driver.getKeyValueStore<string, number>('counts-store')!.all()]).toEqual([['a', 2]])
    expect([...driver.getAllStateStores().keys()]).toEqual(['counts-store'])
    expect(driver.getStateStore('none')).toBeUndefined()
    expect(() => driver.getWindowStore('counts-store')).toThrow("Store 'counts-store' is no window store")
  })

  test('a global table is updated at once, and joined', () => {
    const names = topic('names', { key: Serdes.string(), value: Serdes.string() })
    const builder = new StreamsBuilder()
    builder
      .stream(words)
      .join(
        builder.globalTable(names, { storeName: 'names-store' }),
        (word) => word,
        (_word, name) => name,
      )
      .to(joined)
    const driver = new TopologyTestDriver(builder.build())
    driver.createInputTopic(names).pipeInput('a', 'Anna')
    driver.createInputTopic(words).pipeInput('k', 'a')
    expect(driver.createOutputTopic(joined).readValue()).toBe('Anna')
    expect(driver.getKeyValueStore('names-store')!.get('a')).toBe('Anna')
  })
})

test('close closes processors, and what follows is refused', () => {
  let closed = 0
  const builder = new StreamsBuilder()
  builder.stream(words).process(() => ({
    process() {},
    close() {
      closed += 1
    },
  }))
  const driver = new TopologyTestDriver(builder.build())
  const input = driver.createInputTopic(words)
  driver.close()
  driver.close()
  expect(closed).toBe(1)
  expect(() => input.pipeInput('v')).toThrow('The test driver is closed')
})
