import { TopologyTestDriver } from 'millrace/test'
import { expect, test } from 'vitest'
import { buildTopology, customerViews, profiles, purchases, tickets } from './topology.ts'

test('three streams make one view', () => {
  const driver = new TopologyTestDriver(buildTopology())
  driver.createInputTopic(purchases).pipeInput('c1', 350)
  driver.createInputTopic(profiles).pipeInput('c1', { name: 'Alice' })
  driver.createInputTopic(tickets).pipeInput('c1', { id: 't1', isOpen: true })
  driver.createInputTopic(purchases).pipeInput('c1', 150)
  driver.createInputTopic(tickets).pipeInput('c1', { id: 't1', isOpen: false })
  driver.createInputTopic(profiles).pipeInput('c2', { name: 'Bob' })

  const views = driver.createOutputTopic(customerViews)
  expect(views.queueSize()).toBe(6)
  expect(views.readKeyValuesToMap()).toEqual(
    new Map([
      ['c1', { name: 'Alice', orders: 2, spentCents: 500, openTickets: [] }],
      ['c2', { name: 'Bob', orders: 0, spentCents: 0, openTickets: [] }],
    ]),
  )
})
