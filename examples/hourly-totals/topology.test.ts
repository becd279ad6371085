import { TopologyTestDriver } from 'millrace/test'
import { expect, test } from 'vitest'
import { buildTopology, hourlyTotals, sales } from './topology.ts'

const hour = 3_600_000

test('one total for each shop and hour, when the hour is over and its latecomers have come', () => {
  const driver = new TopologyTestDriver(buildTopology())
  const input = driver.createInputTopic(sales)
  const totals = driver.createOutputTopic(hourlyTotals)
  input.pipeInput('north', 100, 0)
  input.pipeInput('north', 200, hour - 1)
  input.pipeInput('south', 50, hour + 1)
  input.pipeInput('north', 7, hour - 2)
  expect(totals.isEmpty()).toBe(true)

  input.pipeInput('south', 60, hour + 300_000)
  expect(totals.readKeyValuesToList()).toEqual([[{ key: 'north', window: { start: 0, end: hour } }, 307]])

  input.pipeInput('north', 1000, hour - 1)
  input.pipeInput('west', 1, 2 * hour + 300_000)
  expect(totals.readKeyValuesToList()).toEqual([[{ key: 'south', window: { start: hour, end: 2 * hour } }, 110]])
})
