import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Headers, Serdes } from '@millrace/serdes'
import { afterAll, expect, test } from 'vitest'
import type { KafkaClientSupplier } from '../../src/clients/client-supplier.ts'
import { KafkaStreams } from '../../src/kafka-streams.ts'
import { silentLogger } from '../../src/logger.ts'
import { StreamsBuilder } from '../../src/streams-builder.ts'

const partitions = 6

/** Declares the test. `clients` makes new clients of the same log; `uniqueName` names that no earlier run has used. */
export function rollingRestartTests(clients: () => KafkaClientSupplier, uniqueName: (prefix: string) => string): void {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test('a rolling restart of three static members moves no task', async () => {
    const [applicationId, words, counts] = ['app', 'words', 'counts'].map(uniqueName) as [string, string, string]
    const admin = clients().admin()
    // The records are old: a broker would delete them.
    const configs = { 'retention.ms': '-1' }
    await admin.createTopics([words, counts].map((name) => ({ name, partitions, configs })))
    await admin.close()

    const moved: string[] = []
    const application = async (instance: string): Promise<KafkaStreams> => {
      const builder = new StreamsBuilder()
      const serdes = { keySerde: Serdes.string(), valueSerde: Serdes.string() }
      builder
        .stream(words, serdes)
        .groupByKey()
        .count({ storeName: 'counts' })
        .toStream()
        .to(counts, { keySerde: Serdes.string(), valueSerde: Serdes.int64() })
      const settings = {
        'application.id': applicationId,
        'group.instance.id': instance,
        'processing.guarantee': 'exactly_once_v2',
        'commit.interval.ms': 20,
        'session.timeout.ms': 30_000,
        'state.dir': join(folder, instance),
        logger: silentLogger,
      } as const
      const streams = new KafkaStreams(builder.build(), settings, clients())
      streams.setStateListener((state) => {
        if (state === 'REBALANCING') moved.push(instance)
      })
      await streams.start()
      return streams
    }

    const running = new Map<string, KafkaStreams>()
    for (const instance of ['one', 'two', 'three']) running.set(instance, await application(instance))
    const tasksOf = (streams: KafkaStreams) =>
      streams.metadataForLocalThreads().flatMap(({ activeTasks }) => activeTasks.map(({ taskId }) => taskId))
    const placement = () =>
      Object.fromEntries([...running].map(([name, streams]) => [name, [...tasksOf(streams)].sort()]))
    await until(() => [...running.values()].every((streams) => tasksOf(streams).length === partitions / 3))
    await until(() => [...running.values()].every((streams) => streams.state() === 'RUNNING'))
    const before = placement()

    moved.length = 0
    for (const instance of ['one', 'two', 'three']) {
      await running.get(instance)!.close()
      running.set(instance, await application(instance))
      expect(placement()).toEqual(before)
    }
    // Each one restarted itself, and heard of nobody else.
    expect(moved.filter((instance, i) => moved.indexOf(instance) !== i)).toEqual([])

    const producer = clients().producer({ clientId: 'p', transactionalId: undefined, transactionTimeoutMs: 10_000 })
    const word = Serdes.string()
    for (let i = 0; i < partitions; i += 1) {
      producer.send(
        words,
        i,
        word.serialize(words, `w${i}`),
        word.serialize(words, ''),
        1_700_000_000_000,
        Headers.empty,
      )
    }
    await producer.close()
    const reader = clients().restoreConsumer({ clientId: 'r', isolation: 'read_committed' })
    const outputs = Array.from({ length: partitions }, (_, partition) => ({ topic: counts, partition }))
    reader.assign(outputs)
    reader.seekToBeginning(outputs)
    let results = 0
    await until(async () => {
      for (const { records } of await reader.poll(20)) results += records.length
      return results >= partitions
    })
    expect(results).toBe(partitions)
    await reader.close()
    for (const streams of running.values()) await streams.close({ groupMembershipOperation: 'LEAVE_GROUP' })
  })
}

async function until(isDone: () => boolean | Promise<boolean>): Promise<void> {
  for (let left = 1500; left > 0 && !(await isDone()); left -= 1)
    await new Promise((resolve) => setTimeout(resolve, 10))
}
