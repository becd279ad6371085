import { demo, records } from '@millrace-examples/demo'
import { buildTopology, clicks, visits } from './topology.ts'

/** Minutes after the first record. */
const at = (minutes: number) => Date.UTC(2026, 0, 1) + minutes * 60_000

await demo({
  name: 'user-sessions',
  topology: buildTopology(),
  inputs: [
    records(
      clicks,
      ['alice', '/', at(0)],
      ['bob', '/', at(1)],
      ['alice', '/tea', at(5)],
      ['alice', '/cart', at(50)],
      ['alice', '/milk', at(25)],
    ),
  ],
  outputs: [visits],
})
