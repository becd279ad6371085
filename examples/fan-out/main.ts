import { demo, records } from '@millrace-examples/demo'
import { archive, buildTopology, notices, pages, teamTopic } from './topology.ts'

await demo({
  name: 'fan-out',
  topology: buildTopology(),
  inputs: [
    records(
      notices,
      ['db1', { severity: 'critical', team: 'storage', text: 'disk full' }, 0],
      ['web1', { severity: 'warning', team: 'frontend', text: 'slow' }, 1000],
      ['web1', { severity: 'info', team: 'frontend', text: 'restarted' }, 2000],
    ),
  ],
  outputs: [pages, teamTopic('storage'), teamTopic('frontend'), archive],
})
