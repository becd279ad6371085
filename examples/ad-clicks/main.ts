import { demo, records } from '@millrace-examples/demo'
import { buildTopology, clicks, impressions, outcomes } from './topology.ts'

await demo({
  name: 'ad-clicks',
  topology: buildTopology(),
  inputs: [
    records(
      impressions,
      ['i1', { campaign: 'tea' }, 0],
      ['i2', { campaign: 'milk' }, 1000],
      // Later records move the time on, in both partitions.
      ['i3', { campaign: 'tea' }, 60_000],
      ['i4', { campaign: 'tea' }, 60_000],
      ['i5', { campaign: 'tea' }, 60_000],
      ['i6', { campaign: 'tea' }, 60_000],
    ),
    records(clicks, ['i1', { user: 'alice' }, 4000]),
  ],
  outputs: [outcomes],
})
