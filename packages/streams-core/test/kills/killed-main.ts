import { setTimeout as sleep } from 'node:timers/promises'
import { LogEngine } from '@millrace/log-engine'
import { embeddedClientSupplier } from '../../src/clients/embedded/embedded-client-supplier.ts'
import { KafkaStreams } from '../../src/kafka-streams.ts'
import { isAllDone, killedSettings, killedTopology } from './application.ts'
import { dyingClients, dyingEngines, dyingListener, KillPoint, type Phase } from './kill-points.ts'

// For kill-loop.test.ts: the application, which kills itself, or ends when all input is committed. Of several instances each keeps
// copies of what the others have.
//
//   node dist/killed-main.js DIR PHASE|none COUNT TURNS INSTANCES

const [dir, phase, count, turns, instances] = process.argv.slice(2) as [string, Phase | 'none', string, string, string]
const point = new KillPoint(phase, Number(count), Number(turns), `${dir}/killed-in`)
const log = await LogEngine.open({ dir: `${dir}/log` })
const clients = dyingClients(embeddedClientSupplier(log, { fetchBytes: 2048 }), point)
const running = Array.from({ length: Number(instances) }, (_, instance) => {
  const settings = { ...killedSettings(dir, instance), 'num.standby.replicas': Number(instances) - 1 }
  const streams = new KafkaStreams(killedTopology(), settings, clients, { stateEngine: dyingEngines(point) })
  streams.setGlobalStateRestoreListener(dyingListener(point))
  return streams
})
await Promise.all(running.map((streams) => streams.start()))
while (!isAllDone(log)) await sleep(5)
for (const streams of running) await streams.close()
await log.close()
