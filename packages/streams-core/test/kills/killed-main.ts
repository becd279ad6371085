import { setTimeout as sleep } from 'node:timers/promises'
import { LogEngine } from '@millrace/log-engine'
import { embeddedClientSupplier } from '../../src/clients/embedded/embedded-client-supplier.ts'
import { KafkaStreams } from '../../src/kafka-streams.ts'
import { isAllDone, killedSettings, killedTopology } from './application.ts'
import { dyingClients, dyingEngines, dyingListener, KillPoint, type Phase } from './kill-points.ts'

// For kill-loop.test.ts: the application, which kills itself, or ends when all input is committed.
//
//   node dist/killed-main.js DIR PHASE|none COUNT TURNS

const [dir, phase, count, turns] = process.argv.slice(2) as [string, Phase | 'none', string, string]
const point = new KillPoint(phase, Number(count), Number(turns), `${dir}/killed-in`)
const log = await LogEngine.open({ dir: `${dir}/log` })
const clients = dyingClients(embeddedClientSupplier(log, { fetchBytes: 2048 }), point)
const streams = new KafkaStreams(killedTopology(), killedSettings(dir), clients, { stateEngine: dyingEngines(point) })
streams.setGlobalStateRestoreListener(dyingListener(point))
await streams.start()
while (!isAllDone(log)) await sleep(5)
await streams.close()
await log.close()
