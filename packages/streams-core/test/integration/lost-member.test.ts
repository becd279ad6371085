import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startBroker } from '@millrace/broker'
import { afterAll, expect, test } from 'vitest'
import { nativeClientSupplier } from '../../src/clients/native/native-client-supplier.ts'
import { KafkaStreams } from '../../src/kafka-streams.ts'
import { silentLogger } from '../../src/logger.ts'
import { until } from '../threads/until.ts'
import { countTopology, createTopics, expectedCounts, produceWords, readCounts } from './words.ts'

const stateDir = mkdtempSync(join(tmpdir(), 'millrace-'))
afterAll(() => rmSync(stateDir, { recursive: true, force: true }))

const heartbeat = 12

test('what a member wrote before its group dropped it is aborted, also when its tasks come back to it', async () => {
  const broker = await startBroker({ memory: true, configs: { 'group.min.session.timeout.ms': '100' } })
  const { engine } = broker
  createTopics(engine, 1)
  const clients = nativeClientSupplier({
    bootstrapServers: broker.address,
    heartbeatIntervalMs: 50,
    sessionTimeoutMs: 1000,
  })
  const streams = new KafkaStreams(
    countTopology(true),
    {
      'application.id': 'lost',
      'processing.guarantee': 'exactly_once_v2',
      'commit.interval.ms': 600_000,
      'state.dir': stateDir,
      logger: silentLogger,
    },
    clients,
  )
  await streams.start()
  const words = ['to', 'be', 'or', 'not', 'to', 'be']
  produceWords(engine, 0, words)
  const end = () => engine.listOffset({ topic: 'counts-out', partition: 0 }, 'latest', 'read_uncommitted').offset
  await until(() => end() === words.length)
  broker.control(heartbeat, { error: 'UNKNOWN_MEMBER_ID' }, { times: 1 })
  // Once more the same, after the marker that ended the first transaction.
  await until(() => end() >= 2 * words.length)
  await streams.close()
  expect(readCounts(engine)).toEqual(expectedCounts(words))
  await broker.close()
})
