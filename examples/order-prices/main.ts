import { demo, records } from '@millrace-examples/demo'
import { buildTopology, orders, pricedOrders, products } from './topology.ts'

await demo({
  name: 'order-prices',
  topology: buildTopology(),
  inputs: [
    records(products, ['p1', { name: 'tea', priceCents: 350 }, 0], ['p2', { name: 'milk', priceCents: 120 }, 0]),
    records(
      orders,
      ['o1', { customer: 'alice', product: 'p1', quantity: 2 }, 1000],
      ['o2', { customer: 'bob', product: 'p2', quantity: 1 }, 2000],
      ['o3', { customer: 'bob', product: 'p9', quantity: 1 }, 3000],
    ),
  ],
  outputs: [pricedOrders],
})
