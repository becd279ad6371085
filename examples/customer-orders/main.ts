import { demo, records } from '@millrace-examples/demo'
import { buildTopology, customers, orders, orderViews } from './topology.ts'

await demo({
  name: 'customer-orders',
  topology: buildTopology(),
  inputs: [
    records(customers, ['c1', { name: 'Alice' }, 0], ['c2', { name: 'Bob' }, 0]),
    records(
      orders,
      ['o1', { customerId: 'c1', item: 'tea' }, 1000],
      ['o2', { customerId: 'c2', item: 'milk' }, 2000],
      ['o3', { customerId: 'c3', item: 'bread' }, 3000],
    ),
  ],
  outputs: [orderViews],
})
