import { TopologyTestDriver } from 'millrace/test'
import { beforeEach, expect, test } from 'vitest'
import { alarms, buildTopology, logins } from './topology.ts'

let driver: TopologyTestDriver

beforeEach(() => {
  driver = new TopologyTestDriver(buildTopology())
})

const login = (user: string, seconds: number, succeeded = false) =>
  driver.createInputTopic(logins).pipeInput(user, { succeeded }, seconds * 1000)
const raised = () =>
  driver
    .createOutputTopic(alarms)
    .readKeyValuesToList()
    .map(([user, alarm]) => `${user} ${alarm!.from / 1000}–${alarm!.to / 1000}`)

test('three failures in each minute that holds them', () => {
  login('alice', 50)
  login('alice', 55)
  expect(raised()).toEqual([])
  login('alice', 59)
  expect(raised()).toEqual(['alice 0–60', 'alice 20–80', 'alice 40–100'])
})

test('a minute that begins in between catches what a fixed minute would part', () => {
  login('alice', 50)
  login('alice', 65)
  login('alice', 70)
  expect(raised()).toEqual(['alice 20–80', 'alice 40–100'])
})

test('neither other users nor successes count', () => {
  login('alice', 50)
  login('bob', 51)
  login('alice', 52, true)
  login('alice', 53)
  expect(raised()).toEqual([])
})

test('a failure that comes more than ten seconds after its minute is dropped, and counted as dropped', () => {
  login('alice', 1)
  login('alice', 2)
  login('bob', 120)
  login('alice', 3)
  expect(raised()).toEqual([])
  const dropped = driver.metrics().find(({ name }) => name === 'dropped-records-total')
  expect(dropped!.value()).toBeGreaterThan(0)
})
