import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { AbortedTransactionFilter, RecordBatchReader } from '@millrace/kafka-protocol'
import { Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Broker, startBroker } from '../../src/index.ts'

// Java Kafka Streams under exactly_once_v2 against our broker. Its jars come through Maven.

const run = promisify(execFile)
const sources = fileURLToPath(new URL('./java', import.meta.url))
const patience = { timeout: 120_000, interval: 200 }

describe.runIf(process.env['KAFKA_RIG'] !== undefined)('Java Kafka Streams', { timeout: 400_000 }, () => {
  let directory: string
  let broker: Broker
  let kafka: Kafka
  const running: ChildProcess[] = []

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'millrace-java-streams-'))
    const copy = ['-B', '-q', '-f', join(sources, 'pom.xml'), 'dependency:copy-dependencies']
    await run('mvn', [...copy, `-DoutputDirectory=${join(directory, 'lib')}`])
    await run('javac', ['-cp', join(directory, 'lib', '*'), '-d', directory, join(sources, 'WordCount.java')])
    process.env['KAFKAJS_NO_PARTITIONER_WARNING'] = '1'
    broker = await startBroker({ dir: join(directory, 'data') })
    broker.engine.createTopic({ name: 'lines', partitions: 2 })
    broker.engine.createTopic({ name: 'counts', partitions: 1 })
    kafka = new Kafka({ brokers: [broker.address], logLevel: logLevel.NOTHING })
  }, 300_000)

  afterAll(async () => {
    for (const child of running) child.kill('SIGKILL')
    await broker.close()
    rmSync(directory, { recursive: true })
  })

  function startWordCount(name: string): ChildProcess {
    const classPath = `${directory}:${join(directory, 'lib', '*')}`
    const args = [broker.address, join(directory, name), 'word-count', 'lines', 'counts']
    const child = spawn('java', ['-Xmx256m', '-cp', classPath, 'WordCount', ...args])
    running.push(child)
    return child
  }

  async function produce(from: number, to: number): Promise<void> {
    const producer = kafka.producer()
    await producer.connect()
    const messages = Array.from({ length: to - from }, (_, i) => ({ value: lineOf(from + i), partition: i % 2 }))
    await producer.send({ topic: 'lines', messages })
    await producer.disconnect()
  }

  test('counts words exactly once, though it is killed on the way', async () => {
    const first = startWordCount('first')
    await produce(0, 2000)
    await expect.poll(() => countsOf(broker).records, patience).toBeGreaterThan(100)
    await produce(2000, 4000)
    first.kill('SIGKILL')
    await produce(4000, 5000)
    const second = startWordCount('second')
    const expected = wordsOf(5000)
    await expect.poll(() => countsOf(broker).counts, patience).toEqual(expected)
    // One update per word, and none twice.
    const total = [...expected.values()].reduce((sum, count) => sum + count, 0)
    expect(countsOf(broker).records).toBe(total)
    second.kill('SIGTERM')
    await new Promise((resolve) => second.once('exit', resolve))
  })
})

function lineOf(i: number): string {
  return `w${i % 7} w${i % 11} w${i % 13}`
}

function wordsOf(lines: number): Map<string, number> {
  const counts = new Map<string, number>()
  for (let i = 0; i < lines; i++) {
    for (const word of lineOf(i).split(' ')) counts.set(word, (counts.get(word) ?? 0) + 1)
  }
  return new Map([...counts].sort())
}

/** The last count of each word in the committed output, and how many records there are. */
function countsOf({ engine }: Broker): { readonly counts: Map<string, number>; readonly records: number } {
  const counts = new Map<string, number>()
  let records = 0
  const partition = { topic: 'counts', partition: 0 }
  const end = engine.listOffset(partition, 'latest', 'read_committed').offset
  for (let offset = 0; offset < end; ) {
    const found = engine.fetch(partition, offset, { isolation: 'read_committed' })
    const filter = new AbortedTransactionFilter(found.abortedTransactions)
    const reader = new RecordBatchReader(found.batches)
    while (reader.nextBatch()) {
      offset = reader.lastOffset + 1
      if (!filter.isVisible(reader)) continue
      while (reader.nextRecord()) {
        records++
        counts.set(Buffer.from(reader.key!).toString(), Number(Buffer.from(reader.value!).readBigInt64BE()))
      }
    }
  }
  return { counts: new Map([...counts].sort()), records }
}
