import { demo, records } from '@millrace-examples/demo'
import { buildTopology, payments, uniquePayments } from './topology.ts'

await demo({
  name: 'deduplication',
  topology: buildTopology(),
  inputs: [
    records(
      payments,
      ['account-1', { eventId: 'e1', amountCents: 500 }, 0],
      ['account-1', { eventId: 'e1', amountCents: 500 }, 2000],
      ['account-1', { eventId: 'e2', amountCents: 700 }, 3000],
      ['account-1', { eventId: 'e1', amountCents: 500 }, 1000],
    ),
  ],
  outputs: [uniquePayments],
})
