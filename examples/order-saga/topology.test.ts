import { TopologyTestDriver } from 'millrace/test'
import { beforeEach, expect, test } from 'vitest'
import type { OrderEvent } from './saga.ts'
import { answers, buildTopology, orders, patienceMs, paymentRequests, results, stockRequests } from './topology.ts'

let driver: TopologyTestDriver

beforeEach(() => {
  driver = new TopologyTestDriver(buildTopology())
})

const place = (id: string) => driver.createInputTopic(orders).pipeInput(id, { item: 'tea', amountCents: 500 }, 0)
const answer = (id: string, kind: Exclude<OrderEvent['kind'], 'placed'>) =>
  driver.createInputTopic(answers).pipeInput(id, { kind }, 0)

/** What was asked of the warehouse and the bank, and told to the customer, since the last call. */
function sent() {
  return {
    stock: driver
      .createOutputTopic(stockRequests)
      .readValuesToList()
      .map((request) => request!.action),
    payments: driver
      .createOutputTopic(paymentRequests)
      .readValuesToList()
      .map((request) => request!.action),
    customer: driver
      .createOutputTopic(results)
      .readValuesToList()
      .map((told) => told!.result),
  }
}

test('an order that can be served is reserved, then charged, then confirmed', () => {
  place('o1')
  expect(sent()).toEqual({ stock: ['reserve'], payments: [], customer: [] })
  answer('o1', 'reserved')
  expect(sent()).toEqual({ stock: [], payments: ['charge'], customer: [] })
  answer('o1', 'paid')
  expect(sent()).toEqual({ stock: [], payments: [], customer: ['confirmed'] })
})

test('a refused payment releases what was reserved', () => {
  place('o1')
  answer('o1', 'reserved')
  answer('o1', 'payment-refused')
  expect(sent()).toEqual({ stock: ['reserve', 'release'], payments: ['charge'], customer: ['payment refused'] })
})

test('without stock nothing is charged', () => {
  place('o1')
  answer('o1', 'out-of-stock')
  expect(sent()).toEqual({ stock: ['reserve'], payments: [], customer: ['out of stock'] })
})

test('an order that gets no answer in time is given up, and a late answer is undone', () => {
  place('o1')
  answer('o1', 'reserved')
  driver.advanceWallClockTime(patienceMs)
  expect(sent()).toEqual({ stock: ['reserve', 'release'], payments: ['charge'], customer: ['timed out'] })
  answer('o1', 'paid')
  expect(sent()).toEqual({ stock: [], payments: ['refund'], customer: [] })
})

test('repeated orders and answers change nothing', () => {
  place('o1')
  place('o1')
  answer('o1', 'reserved')
  answer('o1', 'reserved')
  answer('o1', 'paid')
  answer('o1', 'paid')
  expect(sent()).toEqual({ stock: ['reserve'], payments: ['charge'], customer: ['confirmed'] })
})
