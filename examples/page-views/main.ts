import { demo, records } from '@millrace-examples/demo'
import { buildTopology, pageViews, userRegions, viewsByRegion } from './topology.ts'

/** Minutes after the first record. */
const at = (minutes: number) => Date.UTC(2026, 0, 1) + minutes * 60_000

await demo({
  name: 'page-views',
  topology: buildTopology(),
  inputs: [
    records(userRegions, ['alice', 'europe', at(0)], ['bob', 'asia', at(0)], ['alice', 'asia', at(70)]),
    records(
      pageViews,
      ['alice', { page: '/' }, at(1)],
      ['bob', { page: '/tea' }, at(2)],
      ['carol', { page: '/' }, at(3)],
      ['alice', { page: '/tea' }, at(75)],
    ),
  ],
  outputs: [viewsByRegion],
})
