import { TopologyTestDriver } from 'millrace/test'
import { expect, test } from 'vitest'
import { buildTopology, customers, orders, orderViews } from './topology.ts'

test('a change on either side updates the view of each order that it touches', () => {
  const driver = new TopologyTestDriver(buildTopology())
  const input = driver.createInputTopic(orders)
  const people = driver.createInputTopic(customers)
  const views = driver.createOutputTopic(orderViews)

  input.pipeInput('o1', { customerId: 'c1', item: 'tea' })
  input.pipeInput('o2', { customerId: 'c1', item: 'milk' })
  expect(views.readKeyValuesToList()).toEqual([
    ['o1', { item: 'tea', customer: null }],
    ['o2', { item: 'milk', customer: null }],
  ])

  people.pipeInput('c1', { name: 'Alice' })
  expect(views.readKeyValuesToMap()).toEqual(
    new Map([
      ['o1', { item: 'tea', customer: 'Alice' }],
      ['o2', { item: 'milk', customer: 'Alice' }],
    ]),
  )

  people.pipeInput('c2', { name: 'Bob' })
  expect(views.isEmpty()).toBe(true)
  input.pipeInput('o2', { customerId: 'c2', item: 'milk' })
  expect(views.readKeyValuesToMap()).toEqual(new Map([['o2', { item: 'milk', customer: 'Bob' }]]))

  people.pipeInput('c1', null)
  expect(views.readKeyValuesToList()).toEqual([['o1', { item: 'tea', customer: null }]])
  input.pipeInput('o1', null)
  expect(views.readKeyValuesToList()).toEqual([['o1', null]])
})

test('the view can be read by key', () => {
  const driver = new TopologyTestDriver(buildTopology())
  driver.createInputTopic(customers).pipeInput('c1', { name: 'Alice' })
  driver.createInputTopic(orders).pipeInput('o1', { customerId: 'c1', item: 'tea' })
  expect(driver.getKeyValueStore('order-views')!.get('o1')).toEqual({ item: 'tea', customer: 'Alice' })
})
