import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { type KafkaClientSupplier, KafkaStreams, readTopic, TopicWriter } from 'millrace'
import { embeddedClientSupplier, LogEngine } from 'millrace/embedded'
import { buildTopology, lines, wordCounts } from './topology.ts'

const usage = `Counts the words of a text, and goes on counting with the next one.

usage: npm run word-count -- [--dir DIR] FILE

  FILE       a text
  --dir DIR  where the log and the counts live (default .millrace/word-count)
  --help     this text`

try {
  await main(process.argv.slice(2))
} catch (error) {
  console.error(`word-count: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`)
  process.exitCode = 1
}

async function main(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { dir: { type: 'string', default: '.millrace/word-count' }, help: { type: 'boolean', default: false } },
  })
  const [file] = positionals
  if (values.help || file === undefined) {
    console.log(usage)
    return
  }
  const text = readFileSync(file, 'utf8').split('\n')
  const log = await LogEngine.open({ dir: join(values.dir, 'log') })
  try {
    const clients = embeddedClientSupplier(log)
    await createTopics(clients)
    await write(clients, text)
    await runToTheEnd(clients, join(values.dir, 'state'))
    console.log(await topTen(clients))
  } finally {
    await log.close()
  }
}

async function createTopics(clients: KafkaClientSupplier): Promise<void> {
  const admin = clients.admin()
  const existing = new Set(await admin.listTopics())
  const wanted = [lines, wordCounts].map(({ name }) => ({ name, partitions: 2, configs: {} }))
  await admin.createTopics(wanted.filter(({ name }) => !existing.has(name)))
  await admin.close()
}

/** All lines or none, in one transaction. */
async function write(clients: KafkaClientSupplier, text: readonly string[]): Promise<void> {
  const id = 'word-count-writer'
  const producer = clients.producer({ clientId: id, transactionalId: id, transactionTimeoutMs: 60_000 })
  await producer.initTransactions()
  producer.beginTransaction()
  const writer = new TopicWriter(producer)
  for (const line of text) writer.send(lines, null, line, Date.now())
  await producer.commitTransaction()
  await producer.close()
}

async function runToTheEnd(clients: KafkaClientSupplier, stateDir: string): Promise<void> {
  const settings = { 'application.id': 'word-count', 'state.dir': stateDir }
  const streams = new KafkaStreams(buildTopology(), settings, clients)
  await streams.start()
  // What a task forwards through the repartition topic is seen by the next one after a commit, so be idle for a while.
  for (let idle = 0; idle < 5; ) {
    await sleep(100)
    const lag = streams
      .metadataForLocalThreads()
      .flatMap(({ activeTasks }) => activeTasks)
      .reduce((sum, { lag }) => sum + lag, 0)
    idle = lag === 0 ? idle + 1 : 0
  }
  await streams.close()
}

async function topTen(clients: KafkaClientSupplier): Promise<string> {
  const counts = new Map((await readTopic(clients, wordCounts)).map(({ key, value }) => [key, value ?? 0]))
  const top = [...counts].sort(([, a], [, b]) => b - a).slice(0, 10)
  return top.map(([word, count]) => `${String(count).padStart(8)}  ${word}`).join('\n')
}
