import { TopologyTestDriver } from 'millrace/test'
import { beforeEach, expect, test } from 'vitest'
import { buildTopology, payments, uniquePayments } from './topology.ts'

let driver: TopologyTestDriver

beforeEach(() => {
  driver = new TopologyTestDriver(buildTopology(10_000))
})

const pay = (account: string, eventId: string, at: number) =>
  driver.createInputTopic(payments).pipeInput(account, { eventId, amountCents: 100 }, at)
const passed = () =>
  driver
    .createOutputTopic(uniquePayments)
    .readRecordsToList()
    .map(({ value, timestamp }) => `${value!.eventId}@${timestamp}`)

test('an event passes once', () => {
  pay('a', 'e1', 0)
  pay('a', 'e1', 9000)
  pay('a', 'e2', 9001)
  expect(passed()).toEqual(['e1@0', 'e2@9001'])
})

test('each repetition keeps the event in mind', () => {
  pay('a', 'e1', 0)
  pay('a', 'e1', 9000)
  pay('a', 'e1', 18_000)
  expect(passed()).toEqual(['e1@0'])
})

test('after the time to remember the id may be used again', () => {
  pay('a', 'e1', 0)
  pay('a', 'e1', 10_001)
  expect(passed()).toEqual(['e1@0', 'e1@10001'])
})

test('a repetition that overtook its original counts as the first', () => {
  pay('a', 'e1', 5000)
  pay('a', 'e1', 1000)
  expect(passed()).toEqual(['e1@5000'])
})
