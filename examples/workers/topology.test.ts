import { TopologyTestDriver } from 'millrace/test'
import { expect, test } from 'vitest'
import { buildTopology, requests, requestsPerMinute } from './topology.ts'

test('counts the requests of each path and minute', () => {
  const driver = new TopologyTestDriver(buildTopology())
  const input = driver.createInputTopic(requests)
  input.pipeInput('10.0.0.1', { path: '/' }, 1_000)
  input.pipeInput('10.0.0.2', { path: '/' }, 59_000)
  input.pipeInput('10.0.0.1', { path: '/cart' }, 59_000)
  input.pipeInput('10.0.0.1', { path: '/' }, 60_000)
  const counts = driver
    .createOutputTopic(requestsPerMinute)
    .readKeyValuesToList()
    .map(([window, count]) => [window?.key, window?.window.start, count])
  expect(counts).toEqual([
    ['/', 0, 1],
    ['/', 0, 2],
    ['/cart', 0, 1],
    ['/', 60_000, 1],
  ])
})
