import { nativeClientSupplier } from '../../src/clients/native/native-client-supplier.ts'
import { KafkaStreams } from '../../src/kafka-streams.ts'
import { dyingClients, dyingEngines, dyingListener, KillPoint, type Phase } from '../kills/kill-points.ts'
import { chaosTopology } from './topology.ts'

// For the chaos tests: a worker, which says when it runs, kills itself at a given moment, or ends at SIGTERM.
//
//   node dist/worker-main.js BOOTSTRAP SESSION_TIMEOUT_MS STATE_DIR NOTE PHASE|none COUNT TURNS

const [bootstrapServers, sessionTimeout, stateDir, note, phase, count, turns] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
  Phase | 'none',
  string,
  string,
]
const sessionTimeoutMs = Number(sessionTimeout)
const point = new KillPoint(phase, Number(count), Number(turns), note)
const native = nativeClientSupplier({
  bootstrapServers,
  sessionTimeoutMs,
  heartbeatIntervalMs: sessionTimeoutMs / 6,
  rebalanceTimeoutMs: sessionTimeoutMs * 2,
  requestTimeoutMs: 5000,
})
const settings = {
  'application.id': 'chaos',
  mode: 'cluster',
  'processing.guarantee': 'exactly_once_v2',
  'state.dir': stateDir,
  'commit.interval.ms': 100,
  'statestore.cache.max.bytes': 0,
} as const
const streams = new KafkaStreams(chaosTopology(), settings, dyingClients(native, point), {
  stateEngine: dyingEngines(point),
})
streams.setGlobalStateRestoreListener(dyingListener(point))
streams.setStateListener((state, before) => {
  if (state === 'RUNNING') process.stdout.write('running\n')
  if (state === 'REBALANCING' && before === 'RUNNING') point.reach('rebalance')
})
process.once('SIGTERM', () => void streams.close())
streams.stopped.catch((error: unknown) => {
  console.error(error)
  process.exitCode = 1
})
await streams.start().catch(() => undefined)
