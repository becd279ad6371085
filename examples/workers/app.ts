import { run } from 'millrace'
import { buildTopology, requests, requestsPerMinute } from './topology.ts'

// The application: one worker when this file is run, many under main.ts. Where it runs is a setting: without BOOTSTRAP_SERVERS on
// the bundled log, which workers share; with it on those brokers.

const bootstrapServers = process.env['BOOTSTRAP_SERVERS']
const instanceId = process.env['INSTANCE_ID']

await run(
  buildTopology(),
  {
    'application.id': 'request-counter',
    'processing.guarantee': 'exactly_once_v2',
    ...(bootstrapServers === undefined ? {} : { mode: 'cluster', 'bootstrap.servers': bootstrapServers }),
    // Over a restart the tasks wait for this member, and for the state that it has on its disk.
    ...(instanceId === undefined ? {} : { 'group.instance.id': instanceId }),
    'num.standby.replicas': bootstrapServers === undefined ? 0 : 1,
    'state.dir': process.env['STATE_DIR'] ?? '.millrace/workers/state',
    'log.dir': process.env['LOG_DIR'] ?? '.millrace/workers/log',
  },
  {
    topics: [
      { name: requests.name, partitions: 8 },
      { name: requestsPerMinute.name, partitions: 8 },
    ],
  },
)
