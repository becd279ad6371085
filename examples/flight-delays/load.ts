import { type KafkaClientSupplier, type Producer, TopicWriter } from 'millrace'
import { type DatedFlight, readAirports } from './flights-file.ts'
import { airports, delaysByState, flights, unknownAirports } from './topology.ts'

/** What is to be loaded, and who hears how many flights are there. */
export interface Load {
  readonly flights: readonly DatedFlight[]
  readonly airportsPath: string | URL
  readonly onProgress: (flightsLoaded: number) => void
}

const groupId = 'flight-delays-loader'
/** The loader's place in the flights' file, kept as if it were an offset of the topic. */
const place = { topic: flights.name, partition: 0 }
const flightsPerTransaction = 2500
/** Before every flight, so that each finds its airport. */
const airportsTime = Date.UTC(2000, 11, 31)

/** Makes the topics that do not exist. The data is of 2001 and is kept for ever. */
export async function createTopics(clients: KafkaClientSupplier): Promise<void> {
  const admin = clients.admin()
  const existing = new Set(await admin.listTopics())
  const forever = { 'retention.ms': '-1' }
  const wanted = [
    { name: flights.name, partitions: 4, configs: forever },
    { name: airports.name, partitions: 4, configs: { 'cleanup.policy': 'compact' } },
    { name: delaysByState.name, partitions: 4, configs: forever },
    { name: unknownAirports.name, partitions: 4, configs: forever },
  ]
  await admin.createTopics(wanted.filter(({ name }) => !existing.has(name)))
  await admin.close()
}

/**
 * Loads the airports, then the flights, in transactions that also hold the loader's place in the file: stopped anywhere,
 * it goes on where it was, and no flight is there twice. Gives the number of flights that this call has loaded.
 */
export async function load(
  clients: KafkaClientSupplier,
  { flights: all, airportsPath, onProgress }: Load,
): Promise<number> {
  const options = { clientId: groupId, transactionalId: groupId, transactionTimeoutMs: 60_000 }
  const producer = clients.producer(options)
  await producer.initTransactions()
  const writer = new TopicWriter(producer)
  const before = await loadedBefore(clients)
  let next = before
  while (next === undefined || next < all.length) {
    producer.beginTransaction()
    if (next === undefined) loadAirports(writer, airportsPath)
    const from: number = next ?? 0
    next = Math.min(from + flightsPerTransaction, all.length)
    for (const { flight, timestamp } of all.slice(from, next)) writer.send(flights, flight.origin, flight, timestamp)
    await commit(producer, next)
    onProgress(next)
  }
  await producer.close()
  return next - (before ?? 0)
}

function loadAirports(writer: TopicWriter, path: string | URL): void {
  for (const [iata, airport] of readAirports(path)) writer.send(airports, iata, airport, airportsTime)
}

async function loadedBefore(clients: KafkaClientSupplier): Promise<number | undefined> {
  const consumer = clients.consumer({ groupId, clientId: groupId, isolation: 'read_committed' })
  const committed = await consumer.committed([place])
  await consumer.close()
  return committed.get(place)?.offset
}

async function commit(producer: Producer, next: number): Promise<void> {
  const group = { groupId, generationId: -1, memberId: '', groupInstanceId: undefined }
  await producer.sendOffsetsToTransaction(new Map([[place, { offset: next, metadata: '' }]]), group)
  await producer.commitTransaction()
}
