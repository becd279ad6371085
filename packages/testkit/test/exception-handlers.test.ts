import { Serdes, topic } from '@millrace/serdes'
import { StreamsBuilder, type StreamsProperties } from '@millrace/streams-core'
import { describe, expect, test } from 'vitest'
import { type TestRecord, TopologyTestDriver } from '../src/index.ts'

const input = topic('in', { key: Serdes.string(), value: Serdes.json<number>() })
const output = topic('out', { key: Serdes.string(), value: Serdes.json<number>() })
const raw = { keySerde: Serdes.bytes(), valueSerde: Serdes.bytes() }
const utf8 = (text: string) => new TextEncoder().encode(text)

function driverOf(properties: StreamsProperties, mapper: (value: number) => number = (value) => value) {
  const builder = new StreamsBuilder()
  builder.stream(input).mapValues(mapper).to(output)
  return new TopologyTestDriver(builder.build(), properties)
}

function headersOf(record: TestRecord<Uint8Array, Uint8Array>): { [name: string]: string | null } {
  const decode = (bytes: Uint8Array | null) => (bytes === null ? null : new TextDecoder().decode(bytes))
  return Object.fromEntries(record.headers.toArray().map(({ key, value }) => [key, decode(value)]))
}

function dropped(driver: TopologyTestDriver): number | string | undefined {
  return driver
    .metrics()
    .find(({ name, group }) => name === 'dropped-records-total' && group === 'stream-task-metrics')
    ?.value()
}

describe('deserialization', () => {
  test('fails by default, and says which record it was', () => {
    const driver = driverOf({})
    const topicIn = driver.createInputTopic('in', raw)
    expect(() => topicIn.pipeInput(utf8('k'), utf8('{'))).toThrow(
      /record in-0 at offset 0.*deserialization\.exception\.handler/s,
    )
  })

  test('continues when told so: the record is dropped and counted, and goes to the dead-letter topic as it came', () => {
    const driver = driverOf({
      'deserialization.exception.handler': 'continue',
      'errors.dead.letter.queue.topic.name': 'dead',
    })
    const topicIn = driver.createInputTopic('in', raw)
    topicIn.pipeInput(utf8('k'), utf8('{'), 42)
    topicIn.pipeInput(utf8('k'), utf8('1'), 43)
    expect(driver.createOutputTopic(output).readValuesToList()).toEqual([1])
    expect(dropped(driver)).toBe(1)
    const dead = driver.createOutputTopic('dead', raw).readRecord()
    expect([dead.key, dead.value, dead.timestamp]).toEqual([utf8('k'), utf8('{'), 42])
    const headers = headersOf(dead)
    expect(headers['__streams.errors.exception']).toBe('SerializationError')
    expect(headers['__streams.errors.message']).toContain('json')
    expect(headers['__streams.errors.stacktrace']).toContain('SerializationError')
    expect(headers['__streams.errors.topic']).toBe('in')
    expect(headers['__streams.errors.partition']).toBe('0')
    expect(headers['__streams.errors.offset']).toBe('0')
  })
})

describe('processing', () => {
  const boom = (value: number) => {
    if (value === 13) throw new Error('boom')
    return value
  }

  test('fails by default with the processor and the record, and the user’s error as cause', () => {
    const driver = driverOf({}, boom)
    const topicIn = driver.createInputTopic(input)
    topicIn.pipeInput('k', 1)
    const thrown = (() => {
      try {
        topicIn.pipeInput('k', 13)
      } catch (error) {
        return error as Error & { code: string; processor: string; offset: number }
      }
      throw new Error('nothing was thrown')
    })()
    expect([thrown.code, thrown.processor, thrown.offset]).toEqual([
      'STREAMS_PROCESSING',
      'KSTREAM-MAPVALUES-0000000001',
      1,
    ])
    expect((thrown.cause as Error).message).toBe('boom')
  })

  test('continues when told so, with a dead-letter record', () => {
    const driver = driverOf(
      { 'processing.exception.handler': 'continue', 'errors.dead.letter.queue.topic.name': 'dead' },
      boom,
    )
    const topicIn = driver.createInputTopic(input)
    topicIn.pipeValueList([1, 13, 2])
    expect(driver.createOutputTopic(output).readValuesToList()).toEqual([1, 2])
    expect(dropped(driver)).toBe(1)
    const headers = headersOf(driver.createOutputTopic('dead', raw).readRecord())
    expect(headers['__streams.errors.message']).toBe('boom')
    expect(headers['__streams.errors.offset']).toBe('1')
  })

  test('a handler of one’s own sees the record and decides', () => {
    const seen: unknown[] = []
    const driver = driverOf(
      {
        'processing.exception.handler': {
          handleError(context, record, error) {
            seen.push([context.processorNodeId, context.offset, record?.value, error.message])
            return { result: 'resume', deadLetterQueueRecords: [] }
          },
        },
      },
      boom,
    )
    driver.createInputTopic(input).pipeInput('k', 13)
    expect(seen).toEqual([['KSTREAM-MAPVALUES-0000000001', 0, 13, 'boom']])
  })
})

describe('production', () => {
  const wrong = () => 'text' as never as number
  const numbersOnly: StreamsProperties = {}

  function driverWithInts(properties: StreamsProperties): TopologyTestDriver {
    const builder = new StreamsBuilder()
    builder.stream(input).mapValues(wrong).to('out', { keySerde: Serdes.string(), valueSerde: Serdes.int32() })
    return new TopologyTestDriver(builder.build(), properties)
  }

  test('a value that its serde refuses stops the task, naming sink and topic', () => {
    const driver = driverWithInts(numbersOnly)
    expect(() => driver.createInputTopic(input).pipeInput('k', 1)).toThrow(/KSTREAM-SINK-0000000002.*topic 'out'/s)
  })

  test('or is dropped and counted when the production handler says so', () => {
    const driver = driverWithInts({
      'production.exception.handler': 'continue',
      'errors.dead.letter.queue.topic.name': 'dead',
    })
    driver.createInputTopic(input).pipeInput('k', 1)
    expect(driver.createOutputTopic('out').isEmpty()).toBe(true)
    expect(new TextDecoder().decode(driver.createOutputTopic('dead', raw).readRecord().value!)).toBe('1')
    expect(dropped(driver)).toBe(1)
  })
})
