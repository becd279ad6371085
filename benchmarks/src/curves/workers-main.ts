import { run } from 'millrace'
import { DEFAULT_SETTINGS } from '../modes/application-pass.ts'
import { PARTITIONS } from '../modes/bench-topics.ts'
import { buildWorkload, uncached } from '../workloads/topologies.ts'
import { WORKLOADS } from '../workloads/workload.ts'

// One worker of the curve: workload W3 on the bundled log in a directory, with an output of its own.

const [dir, nonce, count] = process.argv.slice(2)
const { output } = WORKLOADS.W3
await run(
  buildWorkload('W3', (name) => (name === output ? `${name}${nonce}` : `${name}-${count}`)),
  {
    ...uncached,
    'application.id': `workers${nonce}`,
    'processing.guarantee': DEFAULT_SETTINGS.guarantee,
    'commit.interval.ms': DEFAULT_SETTINGS.commitIntervalMs,
    'state.dir': `${dir}/state${nonce}`,
    'log.dir': `${dir}/log`,
  },
  { topics: [{ name: `${output}${nonce}`, partitions: PARTITIONS }] },
)
