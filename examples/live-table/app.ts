import { join } from 'node:path'
import { KafkaStreams, TopicWriter } from 'millrace'
import { embeddedClientSupplier, LogEngine } from 'millrace/embedded'
import { serveQueries } from 'millrace/queries'
import { servePage } from './server.ts'
import { buildTopology, votes } from './topology.ts'

/** The running example. */
export interface LiveTable {
  readonly url: string
  vote(voter: string, option: string): Promise<void>
  close(): Promise<void>
}

/** Starts the log, the application, its query service and the page. */
export async function startLiveTable(dir: string, port: number): Promise<LiveTable> {
  const log = await LogEngine.open({ dir: join(dir, 'log') })
  if (!log.listTopics().some(({ name }) => name === votes.name)) log.createTopic({ name: votes.name, partitions: 2 })
  const clients = embeddedClientSupplier(log)
  const streams = new KafkaStreams(
    buildTopology(),
    { 'application.id': 'live-table', 'state.dir': join(dir, 'state') },
    clients,
  )
  await streams.start()
  const queries = await serveQueries(streams, { port: 0 })
  const page = await servePage(queries.url, port)
  const producer = clients.producer({ clientId: 'voters', transactionalId: undefined, transactionTimeoutMs: 10_000 })
  const writer = new TopicWriter(producer)
  return {
    url: page.url,
    vote: (voter, option) => {
      writer.send(votes, voter, option, Date.now())
      return producer.flush()
    },
    async close() {
      await page.close()
      await queries.close()
      await streams.close()
      await producer.close()
      await log.close()
    },
  }
}
