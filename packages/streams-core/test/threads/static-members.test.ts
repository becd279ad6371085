import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Broker, startBroker } from '@millrace/broker'
import { afterAll, afterEach, expect, test, vi } from 'vitest'
import { nativeClientSupplier } from '../../src/clients/native/native-client-supplier.ts'
import { KafkaStreams } from '../../src/kafka-streams.ts'
import type { KafkaStreamsState } from '../../src/kafka-streams-state.ts'
import { silentLogger } from '../../src/logger.ts'
import { countTopology, createTopics, produceWords, readCounts } from '../integration/words.ts'
import { until } from './until.ts'

vi.setConfig({ testTimeout: 90_000 })
const stateDir = mkdtempSync(join(tmpdir(), 'millrace-'))
let broker: Broker
afterEach(() => broker.close())
afterAll(() => rmSync(stateDir, { recursive: true, force: true }))

function application(instance: string): KafkaStreams {
  const properties = {
    'application.id': 'app',
    'processing.guarantee': 'exactly_once_v2',
    'commit.interval.ms': 5,
    'poll.ms': 5,
    'state.dir': join(stateDir, instance),
    'main.consumer.group.instance.id': instance,
    'consumer.heartbeat.interval.ms': 50,
    logger: silentLogger,
  } as const
  return new KafkaStreams(countTopology(true), properties, nativeClientSupplier({ bootstrapServers: broker.address }))
}

function tasksOf(streams: KafkaStreams): readonly string[] {
  return streams
    .metadataForLocalThreads()
    .flatMap(({ activeTasks }) => activeTasks.map(({ taskId }) => taskId))
    .sort()
}

test('a static member that is closed and started again finds its tasks, and the others notice nothing', async () => {
  broker = await startBroker({ memory: true })
  createTopics(broker.engine, 4)
  let one = application('one')
  const two = application('two')
  await Promise.all([one.start(), two.start()])
  await until(() => tasksOf(one).length === 2 && tasksOf(two).length === 2 && two.state() === 'RUNNING')
  const before = [tasksOf(one), tasksOf(two)]
  const states: KafkaStreamsState[] = []
  two.observeState((state) => states.push(state))

  await one.close()
  for (let partition = 0; partition < 4; partition += 1) produceWords(broker.engine, partition, [`${partition}a`])
  one = application('one')
  await one.start()
  await until(() => readCounts(broker.engine).length === 4)
  expect([tasksOf(one), tasksOf(two)]).toEqual(before)
  expect(states).toEqual([])

  await one.close({ groupMembershipOperation: 'LEAVE_GROUP' })
  await until(() => tasksOf(two).length === 4)
  await two.close()
})
