import { join } from 'node:path'
import { KafkaStreams } from 'millrace'
import { embeddedClientSupplier, LogEngine } from 'millrace/embedded'
import { PARTITIONS } from '../modes/bench-topics.ts'
import { buildWorkload } from '../workloads/topologies.ts'
import { WORKLOADS } from '../workloads/workload.ts'

// A standalone application that has nothing to do: word count over the bundled log, with its settings' defaults. Tells its parent
// when it runs, answers with its figures when asked, and ends with the channel.
const dir = process.argv[2]!
const log = await LogEngine.open({ dir: join(dir, 'log') })
const clients = embeddedClientSupplier(log)
const admin = clients.admin()
const { inputs, output } = WORKLOADS.W2
await admin.createTopics([...inputs, output].map((name) => ({ name, partitions: PARTITIONS, configs: {} })))
await admin.close()
const streams = new KafkaStreams(
  buildWorkload('W2'),
  { 'application.id': 'idle', 'state.dir': join(dir, 'state'), 'processing.guarantee': 'exactly_once_v2' },
  clients,
)
await streams.start()
process.on('message', () => {
  const { user, system } = process.cpuUsage()
  process.send!({ rssMb: process.memoryUsage().rss / 2 ** 20, cpuSeconds: (user + system) / 1e6 })
})
process.on('disconnect', () => process.exit(0))
process.send!('running')
