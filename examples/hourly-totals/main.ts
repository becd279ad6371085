import { demo, records } from '@millrace-examples/demo'
import { buildTopology, hourlyTotals, sales } from './topology.ts'

/** Minutes after the first record. */
const at = (minutes: number) => Date.UTC(2026, 0, 1) + minutes * 60_000

await demo({
  name: 'hourly-totals',
  topology: buildTopology(),
  inputs: [
    records(
      sales,
      ['north', 100, at(0)],
      ['north', 250, at(59)],
      ['south', 50, at(30)],
      // Later sales move the time on, in both partitions.
      ['north', 70, at(70)],
      ['south', 80, at(70)],
    ),
  ],
  outputs: [hourlyTotals],
})
