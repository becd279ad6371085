import { TopologyTestDriver } from 'millrace/test'
import { expect, test } from 'vitest'
import { buildTopology, lines, wordCounts } from './topology.ts'

test('counts words', () => {
  const driver = new TopologyTestDriver(buildTopology())
  driver.createInputTopic(lines).pipeInput(null, 'To be, or not to be')
  expect(driver.createOutputTopic(wordCounts).readKeyValuesToMap()).toEqual(
    new Map([
      ['to', 2],
      ['be', 2],
      ['or', 1],
      ['not', 1],
    ]),
  )
})

test('goes on counting with the next line, and sends each update', () => {
  const driver = new TopologyTestDriver(buildTopology())
  const input = driver.createInputTopic(lines)
  input.pipeInput(null, "it's one")
  input.pipeInput(null, 'one … two')
  expect(driver.createOutputTopic(wordCounts).readKeyValuesToList()).toEqual([
    ["it's", 1],
    ['one', 1],
    ['one', 2],
    ['two', 1],
  ])
})
