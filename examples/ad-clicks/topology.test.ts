import { TopologyTestDriver } from 'millrace/test'
import { beforeEach, expect, test } from 'vitest'
import { buildTopology, clicks, impressions, outcomes } from './topology.ts'

let driver: TopologyTestDriver

beforeEach(() => {
  driver = new TopologyTestDriver(buildTopology())
})

const shown = (id: string, at: number) => driver.createInputTopic(impressions).pipeInput(id, { campaign: 'tea' }, at)
const clicked = (id: string, at: number) => driver.createInputTopic(clicks).pipeInput(id, { user: 'alice' }, at)
const found = () =>
  driver
    .createOutputTopic(outcomes)
    .readKeyValuesToList()
    .map(([id, outcome]) => [id, outcome!.clickedBy])

test('a click within ten seconds belongs to the impression', () => {
  shown('i1', 0)
  clicked('i1', 10_000)
  expect(found()).toEqual([['i1', 'alice']])
})

test('an impression that nobody clicked is reported once, after the time for clicks and for late records', () => {
  shown('i1', 0)
  shown('i2', 15_000)
  expect(found()).toEqual([])
  shown('i3', 15_001)
  expect(found()).toEqual([['i1', null]])
  clicked('i2', 16_000)
  expect(found()).toEqual([['i2', 'alice']])
})

test('the two may come in the wrong order, and nothing is said too early', () => {
  clicked('i1', 4000)
  shown('i2', 12_000)
  shown('i1', 3000)
  expect(found()).toEqual([['i1', 'alice']])
})

test('a click before its impression does not count', () => {
  clicked('i1', 0)
  shown('i1', 1000)
  shown('i2', 40_000)
  expect(found()).toEqual([['i1', null]])
})
