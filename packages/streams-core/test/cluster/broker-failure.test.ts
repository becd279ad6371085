import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, test } from 'vitest'
import { nativeClientSupplier } from '../../src/clients/native/native-client-supplier.ts'
import { KafkaStreams } from '../../src/kafka-streams.ts'
import { silentLogger } from '../../src/logger.ts'
import {
  expectNoGaps,
  produceLines,
  readCounts,
  until,
  wordCount,
  wordCountScene,
} from '../integration/word-count-scene.ts'
import { allInSync, KafkaRig } from '../kafka-rig.ts'

// Word count on three brokers, each of which is killed and comes back while it runs: leaders and coordinators move. KAFKA_RIG is the
// command that starts and stops them, KAFKA_RIG_DIR where they keep their data.

const bootstrapServers = process.env['KAFKA_BOOTSTRAP']!
const nodes = bootstrapServers.split(',').map((_, i) => i + 1)
const [rig, rigDir] = [process.env['KAFKA_RIG'], process.env['KAFKA_RIG_DIR']]
const canKill = nodes.length >= 3 && rig !== undefined && rigDir !== undefined

const folder = mkdtempSync(join(tmpdir(), 'millrace-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const clients = () => nativeClientSupplier({ bootstrapServers, heartbeatIntervalMs: 100, sessionTimeoutMs: 10_000 })
const uniqueName = (prefix: string) => `${prefix}-${randomUUID().slice(0, 8)}`

describe.runIf(canKill)('three brokers (with KAFKA_RIG and KAFKA_RIG_DIR)', { timeout: 300_000 }, () => {
  test.each(['exactly_once_v2', 'at_least_once'] as const)(
    '%s: each is killed in turn, and no word is lost',
    async (guarantee) => {
      const names = await wordCountScene(clients(), uniqueName)
      const application = (instance: string) =>
        new KafkaStreams(
          wordCount(names),
          {
            'application.id': names.application,
            'processing.guarantee': guarantee,
            'commit.interval.ms': 100,
            'statestore.cache.max.bytes': 0,
            'state.dir': join(folder, names.application, instance),
            logger: silentLogger,
          },
          clients(),
        )
      const running = [application('one'), application('two')]
      await Promise.all(running.map((streams) => streams.start()))
      let lines = 0
      const countsAreRight = async () => {
        await produceLines(clients(), names.lines, lines, lines + 200)
        lines += 200
        const read = () => readCounts(clients(), names.counts, lines * 2)
        if (guarantee === 'exactly_once_v2') expectNoGaps(await read(), lines)
        else await until(async () => new Set((await read()).map(([word, n]) => `${word} ${n}`)).size === lines * 2)
      }
      const kafka = new KafkaRig(rig!, rigDir!)
      await countsAreRight()
      for (const node of nodes) {
        await allInSync(bootstrapServers)
        await kafka.kill(node)
        await countsAreRight()
        await kafka.restart(node)
      }
      for (const streams of running) await streams.close()
    },
  )
})
