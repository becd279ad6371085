import { Serdes } from 'millrace'
import { TopologyTestDriver } from 'millrace/test'
import { beforeEach, expect, test } from 'vitest'
import { buildTopology, fahrenheit, readings, rejects, settings } from './topology.ts'

let driver: TopologyTestDriver

beforeEach(() => {
  driver = new TopologyTestDriver(buildTopology(), settings)
})

/** Writes text as it is, as a foreign producer would. */
const write = (text: string) =>
  driver
    .createInputTopic(readings.name, { keySerde: Serdes.string(), valueSerde: Serdes.string() })
    .pipeInput('s1', text, 0)

function rejected() {
  const text = (bytes: Uint8Array | null | undefined) => (bytes ? new TextDecoder().decode(bytes) : null)
  return driver
    .createOutputTopic(rejects)
    .readRecordsToList()
    .map(({ value, headers }) => ({
      value: text(value),
      message: text(headers.lastHeader('__streams.errors.message')?.value),
      topic: text(headers.lastHeader('__streams.errors.topic')?.value),
    }))
}

test('good records go on after bad ones', () => {
  write('{"sensor":"s1","celsius":100}')
  write('{"sensor":"s1"')
  write('{"sensor":"s1","celsius":0}')
  expect(driver.createOutputTopic(fahrenheit).readValuesToList()).toEqual([212, 32])
})

test('what is no JSON is kept as it came, with the place it came from', () => {
  write('{"sensor":"s1"')
  expect(rejected()).toMatchObject([{ value: '{"sensor":"s1"', topic: 'readings' }])
})

test('what fails the schema names the field', () => {
  write('{"sensor":"s1","celsius":"warm"}')
  const [reject] = rejected()
  expect(reject!.message).toContain('celsius')
})

test('what a function of the topology refuses is kept with its message', () => {
  write('{"sensor":"s1","celsius":-300}')
  expect(rejected()).toMatchObject([{ message: expect.stringContaining('below absolute zero') }])
})
