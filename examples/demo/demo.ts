import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  type KafkaClientSupplier,
  KafkaStreams,
  readTopic,
  type StreamsProperties,
  type TopicDeclaration,
  TopicWriter,
  type Topology,
} from 'millrace'
import { embeddedClientSupplier, LogEngine } from 'millrace/embedded'

/** Records for one topic. */
export interface DemoInput {
  readonly topic: string
  write(writer: TopicWriter): Promise<void>
}

/** What to show of an example. */
export interface Demo {
  /** Also the application's id, and its folder below `.millrace/examples`. */
  readonly name: string
  readonly topology: Topology
  readonly settings?: StreamsProperties
  readonly inputs: readonly DemoInput[]
  /** Printed in this order. */
  readonly outputs: readonly TopicDeclaration<unknown, unknown>[]
}

/** Key, value and time (Unix ms) of each record. */
export function records<K, V>(
  topic: TopicDeclaration<K, V>,
  ...rows: readonly (readonly [key: K | null, value: V | null, timestamp: number])[]
): DemoInput {
  return {
    topic: topic.name,
    write: async (writer) => {
      await writer.prepare(topic)
      for (const [key, value, timestamp] of rows) writer.send(topic, key, value, timestamp)
    },
  }
}

/**
 * Runs an example from the beginning on a log of its own: writes the input, waits until all of it is processed, and prints what
 * came out. What was there of an earlier run is removed.
 */
export async function demo({ name, topology, settings, inputs, outputs }: Demo): Promise<void> {
  const dir = join(process.env['EXAMPLES_DIR'] ?? '.millrace/examples', name)
  rmSync(dir, { recursive: true, force: true })
  const log = await LogEngine.open({ dir: join(dir, 'log') })
  try {
    const clients = embeddedClientSupplier(log)
    for (const topic of new Set([...inputs, ...outputs].map((one) => ('topic' in one ? one.topic : one.name)))) {
      log.createTopic({ name: topic, partitions: 2 })
    }
    await write(clients, inputs)
    const properties = { ...settings, 'application.id': name, 'state.dir': join(dir, 'state') }
    const streams = new KafkaStreams(topology, { 'statestore.cache.max.bytes': 0, ...properties }, clients)
    await runToTheEnd(streams, clients)
    console.log((await Promise.all(outputs.map((topic) => show(clients, topic)))).join('\n\n'))
  } finally {
    await log.close()
  }
}

async function write(clients: KafkaClientSupplier, inputs: readonly DemoInput[]): Promise<void> {
  const producer = clients.producer({ clientId: 'demo', transactionalId: undefined, transactionTimeoutMs: 60_000 })
  const writer = new TopicWriter(producer)
  for (const input of inputs) await input.write(writer)
  await producer.flush()
  await producer.close()
}

async function runToTheEnd(streams: KafkaStreams, clients: KafkaClientSupplier): Promise<void> {
  await streams.start()
  // What a task forwards through a repartition topic is seen by the next one after a commit, so be idle for a while.
  for (let idle = 0; idle < 5; ) {
    await sleep(100)
    idle = lagOf(streams) === 0 && !(await hasOpenTransactions(clients)) ? idle + 1 : 0
  }
  await streams.close()
}

function lagOf(streams: KafkaStreams): number {
  return streams
    .metadataForLocalThreads()
    .flatMap(({ activeTasks }) => activeTasks)
    .reduce((sum, { lag }) => sum + lag, 0)
}

/** Whether a topic has records that readers do not see yet. */
async function hasOpenTransactions(clients: KafkaClientSupplier): Promise<boolean> {
  const admin = clients.admin()
  const topics = await admin.describeTopics(await admin.listTopics())
  const partitions = [...topics].flatMap(([topic, { partitions }]) =>
    Array.from({ length: partitions }, (_, partition) => ({ topic, partition })),
  )
  const seen = await admin.endOffsets(partitions, 'read_committed')
  const written = await admin.endOffsets(partitions, 'read_uncommitted')
  await admin.close()
  return partitions.some((partition) => seen.get(partition) !== written.get(partition))
}

/** A topic's records, by partition and offset. */
async function show(clients: KafkaClientSupplier, topic: TopicDeclaration<unknown, unknown>): Promise<string> {
  const read = await readTopic(clients, topic)
  const rows = read
    .toSorted((a, b) => a.partition - b.partition || a.offset - b.offset)
    .map(({ key, value }) => [textOf(key), textOf(value)] as const)
  const width = Math.max(0, ...rows.map(([key]) => key.length))
  return [topic.name, ...rows.map(([key, value]) => `  ${key.padEnd(width)}  ${value}`)].join('\n')
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  if (value instanceof Uint8Array) return new TextDecoder().decode(value)
  if (!isWindowed(value)) return JSON.stringify(value)
  const { start, end } = value.window
  return `${textOf(value.key)} ${timeOf(start)}–${timeOf(end)}`
}

function isWindowed(value: unknown): value is { key: unknown; window: { start: number; end: number } } {
  return typeof value === 'object' && value !== null && 'window' in value
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString().slice(11, 19)
}
