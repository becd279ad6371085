import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { startBroker } from '@millrace/broker'
import { Serdes } from '@millrace/serdes'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { nativeClientSupplier } from '../../src/clients/native/native-client-supplier.ts'
import { KafkaStreams } from '../../src/kafka-streams.ts'
import { silentLogger } from '../../src/logger.ts'
import { StreamsBuilder } from '../../src/streams-builder.ts'
import type { Topology } from '../../src/topology.ts'
import {
  expectNoGaps,
  produceLines,
  readCounts,
  type WordCountNames,
  wordCountScene,
} from '../integration/word-count-scene.ts'

// Java Kafka Streams counts words in a named store and stops; Millrace with the same application id goes on from its changelog and its
// offsets; then Java again. Java's jars come through Maven.

const run = promisify(execFile)
const sources = fileURLToPath(new URL('../../../broker/test/cluster/java', import.meta.url))
const text = Serdes.string()

/** What WordCount.java builds. */
function sameTopology({ lines, counts }: WordCountNames): Topology {
  const builder = new StreamsBuilder()
  builder
    .stream(lines, { keySerde: text, valueSerde: text })
    .flatMapValues((line) => line.split(' '))
    .groupBy((word) => word, { keySerde: text, valueSerde: text })
    .count({ storeName: 'store', storeType: 'in_memory' })
    .toStream()
    .to(counts, { keySerde: text, valueSerde: Serdes.int64() })
  return builder.build()
}

describe.runIf(process.env['KAFKA_RIG'] !== undefined)('takeover (with KAFKA_RIG)', { timeout: 300_000 }, () => {
  let directory: string
  const running: ChildProcess[] = []

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'millrace-takeover-'))
    const copy = ['-B', '-q', '-f', join(sources, 'pom.xml'), 'dependency:copy-dependencies']
    await run('mvn', [...copy, `-DoutputDirectory=${join(directory, 'lib')}`])
    await run('javac', ['-cp', join(directory, 'lib', '*'), '-d', directory, join(sources, 'WordCount.java')])
  }, 300_000)

  afterAll(() => {
    for (const child of running) child.kill('SIGKILL')
    rmSync(directory, { recursive: true, force: true })
  })

  async function javaAndBack(bootstrapServers: string): Promise<void> {
    const clients = () => nativeClientSupplier({ bootstrapServers })
    const names = await wordCountScene(clients(), (prefix) => `${prefix}-${randomUUID().slice(0, 8)}`)
    let lines = 0
    const countsGoOn = async () => {
      await produceLines(clients(), names.lines, lines, lines + 300)
      lines += 300
      expectNoGaps(await readCounts(clients(), names.counts, lines * 2), lines)
    }
    const withJava = async (instance: string) => {
      const { application, lines: from, counts: to } = names
      const classPath = `${directory}:${join(directory, 'lib', '*')}`
      const args = [bootstrapServers, join(directory, instance), application, from, to]
      const child = spawn('java', ['-Xmx256m', '-cp', classPath, 'WordCount', ...args], { stdio: 'ignore' })
      running.push(child)
      await countsGoOn()
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
    }
    const withMillrace = async (instance: string) => {
      const settings = {
        'application.id': names.application,
        'processing.guarantee': 'exactly_once_v2',
        'commit.interval.ms': 100,
        'statestore.cache.max.bytes': 0,
        'state.dir': join(directory, instance),
        logger: silentLogger,
      } as const
      const streams = new KafkaStreams(sameTopology(names), settings, clients())
      await streams.start()
      await countsGoOn()
      await streams.close()
    }
    await withJava(`${names.application}-1`)
    await withMillrace(`${names.application}-2`)
    await withJava(`${names.application}-3`)
  }

  test('on the cluster: from Java to Millrace and back', () => javaAndBack(process.env['KAFKA_BOOTSTRAP']!))

  test('on the bundled broker: from Java to Millrace and back', async () => {
    const broker = await startBroker({ dir: join(directory, 'log') })
    await javaAndBack(broker.address)
    await broker.close()
  })
})
