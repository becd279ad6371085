import { demo, records } from '@millrace-examples/demo'
import { buildTopology, customerViews, profiles, purchases, tickets } from './topology.ts'

await demo({
  name: 'customer-view',
  topology: buildTopology(),
  inputs: [
    records(profiles, ['c1', { name: 'Alice' }, 0]),
    records(purchases, ['c1', 350, 1000], ['c1', 150, 3000]),
    records(tickets, ['c1', { id: 't1', isOpen: true }, 2000], ['c1', { id: 't1', isOpen: false }, 4000]),
  ],
  outputs: [customerViews],
})
