import { TopologyTestDriver } from 'millrace/test'
import { beforeEach, expect, test } from 'vitest'
import { buildTopology, pageViews, userRegions, viewsByRegion } from './topology.ts'

let driver: TopologyTestDriver

beforeEach(() => {
  driver = new TopologyTestDriver(buildTopology())
})

const hour = 3_600_000

/** `region@hour` and the count, in the order in which they were sent. */
function counts(): [string, number | null][] {
  const read = driver.createOutputTopic(viewsByRegion).readKeyValuesToList()
  return read.map(([region, count]) => [`${region!.key}@${region!.window.start / hour}`, count])
}

test('a view counts for the region that the user has when it comes', () => {
  const views = driver.createInputTopic(pageViews)
  const regions = driver.createInputTopic(userRegions)
  regions.pipeInput('alice', 'europe', 0)
  views.pipeInput('alice', { page: '/' }, 1000)
  regions.pipeInput('alice', 'asia', 2000)
  views.pipeInput('alice', { page: '/' }, 3000)
  expect(counts()).toEqual([
    ['europe@0', 1],
    ['asia@0', 1],
  ])
})

test('a region that comes too late, or was taken back, is unknown', () => {
  const views = driver.createInputTopic(pageViews)
  const regions = driver.createInputTopic(userRegions)
  views.pipeInput('bob', { page: '/' }, 1000)
  regions.pipeInput('bob', 'europe', 2000)
  regions.pipeInput('bob', null, 3000)
  views.pipeInput('bob', { page: '/' }, 4000)
  expect(counts()).toEqual([
    ['unknown@0', 1],
    ['unknown@0', 2],
  ])
})

test('each hour is counted by itself; a view more than ten minutes late is left out', () => {
  const views = driver.createInputTopic(pageViews)
  views.pipeInput('bob', { page: '/' }, hour - 1)
  views.pipeInput('bob', { page: '/' }, hour)
  views.pipeInput('bob', { page: '/' }, hour - 2)
  views.pipeInput('bob', { page: '/' }, hour + 600_000)
  views.pipeInput('bob', { page: '/' }, hour - 3)
  expect(counts()).toEqual([
    ['unknown@0', 1],
    ['unknown@1', 1],
    ['unknown@0', 2],
    ['unknown@1', 2],
  ])
})
