import { Serdes, topic } from '@millrace/serdes'
import { JoinWindows, StreamsBuilder, Suppressed, silentLogger, TimeWindows } from '@millrace/streams-core'
import { describe, expect, test } from 'vitest'
import { TopologyTestDriver } from '../../src/index.ts'

// What Java 4.3.1 gets wrong, with java.quirks and without. docs/compatibility.md tells of each.

const string = Serdes.string()
const numbers = topic('numbers', { key: string, value: Serdes.int64() })
const sums = topic('sums', { key: string, value: Serdes.int64() })
const left = topic('left', { key: string, value: string })
const right = topic('right', { key: string, value: string })
const joined = topic('joined', { key: string, value: string })

function driverOf(build: (builder: StreamsBuilder) => void, quirks: boolean): TopologyTestDriver {
  const properties = { 'statestore.cache.max.bytes': 0, 'java.quirks': quirks, logger: silentLogger }
  const builder = new StreamsBuilder(properties)
  build(builder)
  return new TopologyTestDriver(builder.build(), properties)
}

describe('emit on window close', () => {
  test.each([
    { quirks: false, expected: ['a@0=4', 'b@0=2'], what: 'keeps results which a jump of stream time expires' },
    { quirks: true, expected: [], what: 'loses them with quirks' },
  ])('$what', ({ quirks, expected }) => {
    const driver = driverOf((builder) => {
      builder
        .stream(numbers)
        .groupByKey()
        .windowedBy(TimeWindows.ofSizeWithNoGrace(10))
        .emitStrategy('onWindowClose')
        .reduce((sum, value) => sum + value)
        .toStream((_sum, { key, window }) => `${key}@${window.start}`)
        .to(sums)
    }, quirks)
    const input = driver.createInputTopic(numbers)
    input.pipeInput('a', 1, 1)
    input.pipeInput('b', 2, 2)
    input.pipeInput('a', 3, 5)
    input.pipeInput('z', 0, 500)
    const results = driver.createOutputTopic(sums).readKeyValuesToList()
    expect(results.map(([key, value]) => `${key}=${value}`)).toEqual(expected)
    driver.close()
  })
})

describe('a grouped table below a suppression', () => {
  test.each([
    { quirks: false, expected: 3, what: 'takes out the value that was sent last' },
    { quirks: true, expected: 2, what: 'takes out the upstream’s value with quirks, here the 2 which was never sent' },
  ])('$what', ({ quirks, expected }) => {
    const driver = driverOf((builder) => {
      builder
        .table(numbers)
        .suppress(Suppressed.untilTimeLimit(10))
        .groupBy((value) => ['all', value], { keySerde: string, valueSerde: Serdes.int64() })
        .reduce(
          (sum, value) => sum + value,
          (sum, value) => sum - value,
        )
        .toStream()
        .to(sums)
    }, quirks)
    const input = driver.createInputTopic(numbers)
    input.pipeInput('a', 1, 0)
    input.pipeInput('clock', 0, 10)
    // The 2 is held back, and replaced before it is sent.
    input.pipeInput('a', 2, 20)
    input.pipeInput('a', 3, 21)
    input.pipeInput('clock', 0, 31)
    const results = driver.createOutputTopic(sums).readValuesToList()
    expect(results.at(-1)).toBe(expected)
    driver.close()
  })
})

describe('an out-of-order record of a left join, within the grace', () => {
  const pipe = (waitForGrace: boolean): string[] => {
    const driver = driverOf((builder) => {
      const windows = JoinWindows.ofTimeDifferenceAndGrace(10, 100)
      builder
        .stream(left)
        .leftJoin(builder.stream(right), (one, other) => `${one}+${other}`, windows, { waitForGrace })
        .to(joined)
    }, false)
    const lefts = driver.createInputTopic(left)
    lefts.pipeInput('clock', 'c', 50)
    lefts.pipeInput('k', 'l', 5)
    driver.createInputTopic(right).pipeInput('k', 'r', 6)
    lefts.pipeInput('clock', 'end', 400)
    return driver.createOutputTopic(joined).readValuesToList() as string[]
  }

  test('is sent unmatched and again matched, as in Java', () => {
    expect(pipe(false)).toEqual(['l+null', 'l+r', 'c+null'])
  })

  test('is sent once with waitForGrace', () => {
    expect(pipe(true)).toEqual(['l+r', 'c+null'])
  })
})
