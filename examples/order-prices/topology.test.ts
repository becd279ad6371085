import { TopologyTestDriver } from 'millrace/test'
import { expect, test } from 'vitest'
import { buildTopology, orders, pricedOrders, products } from './topology.ts'

test('an order has the price that its product has when the order comes', () => {
  const driver = new TopologyTestDriver(buildTopology())
  const catalogue = driver.createInputTopic(products)
  const input = driver.createInputTopic(orders)
  catalogue.pipeInput('p1', { name: 'tea', priceCents: 350 })
  input.pipeInput('o1', { customer: 'alice', product: 'p1', quantity: 2 })
  catalogue.pipeInput('p1', { name: 'tea', priceCents: 400 })
  input.pipeInput('o2', { customer: 'bob', product: 'p1', quantity: 1 })
  expect(driver.createOutputTopic(pricedOrders).readKeyValuesToList()).toEqual([
    ['o1', { customer: 'alice', product: 'tea', totalCents: 700 }],
    ['o2', { customer: 'bob', product: 'tea', totalCents: 400 }],
  ])
})

test('an order for a product that is not in the catalogue has no price', () => {
  const driver = new TopologyTestDriver(buildTopology())
  driver.createInputTopic(orders).pipeInput('o1', { customer: 'alice', product: 'p9', quantity: 2 })
  expect(driver.createOutputTopic(pricedOrders).isEmpty()).toBe(true)
})
