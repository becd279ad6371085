import { TopologyTestDriver } from 'millrace/test'
import { beforeEach, expect, test } from 'vitest'
import { buildTopology, clicks, visits } from './topology.ts'

const minute = 60_000
let driver: TopologyTestDriver

beforeEach(() => {
  driver = new TopologyTestDriver(buildTopology())
})

const click = (page: string, minutes: number) =>
  driver.createInputTopic(clicks).pipeInput('alice', page, minutes * minute)
/** `from–to` in minutes, and the pages. */
const sent = () =>
  driver
    .createOutputTopic(visits)
    .readKeyValuesToList()
    .map(([key, visit]) => [
      `${key!.window.start / minute}–${key!.window.end / minute}`,
      visit?.pages.join(' ') ?? null,
    ])

test('a visit grows with each click, and the shorter one is taken back', () => {
  click('/', 0)
  click('/tea', 30)
  expect(sent()).toEqual([
    ['0–0', '/'],
    ['0–0', null],
    ['0–30', '/ /tea'],
  ])
})

test('after more than half an hour a new visit begins', () => {
  click('/', 0)
  click('/tea', 31)
  expect(sent()).toEqual([
    ['0–0', '/'],
    ['31–31', '/tea'],
  ])
})

test('a click that was late joins two visits', () => {
  click('/', 0)
  click('/cart', 40)
  sent()
  click('/tea', 20)
  expect(sent()).toEqual([
    ['0–0', null],
    ['40–40', null],
    ['0–40', '/ /cart /tea'],
  ])
})
