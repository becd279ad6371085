import { demo, records } from '@millrace-examples/demo'
import { alarms, buildTopology, logins } from './topology.ts'

await demo({
  name: 'login-alarms',
  topology: buildTopology(),
  inputs: [
    records(
      logins,
      ['alice', { succeeded: false }, 50_000],
      ['bob', { succeeded: false }, 51_000],
      ['alice', { succeeded: false }, 65_000],
      ['alice', { succeeded: false }, 70_000],
      ['alice', { succeeded: true }, 75_000],
    ),
  ],
  outputs: [alarms],
})
