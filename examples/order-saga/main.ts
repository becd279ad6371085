import { demo, records } from '@millrace-examples/demo'
import { answers, buildTopology, orders, paymentRequests, results, stockRequests } from './topology.ts'

await demo({
  name: 'order-saga',
  topology: buildTopology(),
  inputs: [
    records(
      orders,
      ['o1', { item: 'tea', amountCents: 500 }, 0],
      ['o2', { item: 'milk', amountCents: 300 }, 0],
      ['o3', { item: 'bread', amountCents: 200 }, 0],
    ),
    records(
      answers,
      ['o1', { kind: 'reserved' }, 1000],
      ['o1', { kind: 'paid' }, 2000],
      ['o2', { kind: 'reserved' }, 3000],
      ['o2', { kind: 'payment-refused' }, 4000],
      ['o3', { kind: 'out-of-stock' }, 5000],
    ),
  ],
  outputs: [stockRequests, paymentRequests, results],
})
