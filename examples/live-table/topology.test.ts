import { TopologyTestDriver } from 'millrace/test'
import { expect, test } from 'vitest'
import { buildTopology, resultStore, votes } from './topology.ts'

test('a voter counts once, for the last choice', () => {
  const driver = new TopologyTestDriver(buildTopology())
  const input = driver.createInputTopic(votes)
  const results = driver.getKeyValueStore<string, number>(resultStore)!
  input.pipeInput('alice', 'tea')
  input.pipeInput('bob', 'tea')
  expect(results.get('tea')).toBe(2)
  input.pipeInput('bob', 'coffee')
  expect([results.get('tea'), results.get('coffee')]).toEqual([1, 1])
  input.pipeInput('alice', null)
  expect(results.get('tea')).toBe(0)
})
