import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { RecordBatchBuilder } from '@millrace/kafka-protocol'
import { LogEngine, memoryFileSystem } from '@millrace/log-engine'
import { Serdes } from '@millrace/serdes'
import { afterAll, expect, test } from 'vitest'
import { embeddedClientSupplier } from '../../src/clients/embedded/embedded-client-supplier.ts'
import { decodeFetch } from '../../src/clients/embedded/record-decoder.ts'
import { Stores } from '../../src/dsl/stores.ts'
import { KafkaStreams } from '../../src/kafka-streams.ts'
import type { ProcessorContext } from '../../src/processors/processor.ts'
import type { KeyValueStore } from '../../src/state/state-store.ts'
import { Topology } from '../../src/topology.ts'

const stateDir = mkdtempSync(join(tmpdir(), 'millrace-'))
afterAll(() => rmSync(stateDir, { recursive: true, force: true }))

const string = Serdes.string()
const json = Serdes.json<number>()

function countTopology(): Topology {
  return new Topology()
    .addSource('words', 'words', { keySerde: string, valueSerde: string })
    .addProcessor(
      'count',
      () => {
        let context: ProcessorContext<string, number>
        let counts: KeyValueStore<string, number>
        return {
          init(given: ProcessorContext<string, number>) {
            context = given
            counts = given.getStateStore('counts')
          },
          process(record) {
            const next = (counts.get(record.value) ?? 0) + 1
            counts.put(record.value, next)
            context.forward(record.withKey(record.value).withValue(next))
          },
        }
      },
      'words',
    )
    .addStateStore(Stores.keyValueStoreBuilder(Stores.inMemoryKeyValueStore('counts'), string, json), 'count')
    .addSink('out', 'counts-out', 'count', { keySerde: string, valueSerde: json })
}

function produce(engine: LogEngine, topic: string, partition: number, values: readonly string[]): void {
  const builder = new RecordBatchBuilder()
  for (const value of values) builder.append(1000, null, string.serialize(topic, value))
  engine.append({ topic, partition }, builder.build())
}

function read(engine: LogEngine, topic: string, partitions: number): [string, number][] {
  const rows: [string, number][] = []
  for (let partition = 0; partition < partitions; partition += 1) {
    for (let position = 0; ; ) {
      const fetched = engine.fetch({ topic, partition }, position, { isolation: 'read_committed' })
      const { records, nextOffset } = decodeFetch(fetched, position)
      for (const { key, value } of records)
        rows.push([string.deserialize(topic, key)!, json.deserialize(topic, value)!])
      if (nextOffset === position) break
      position = nextOffset
    }
  }
  return rows
}

async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; !condition(); turn += 1) {
    if (turn > 100_000) throw new Error('The condition did not come true.')
    await new Promise((resolve) => setImmediate(resolve))
  }
}

for (const guarantee of ['exactly_once_v2', 'at_least_once'] as const) {
  test(`${guarantee}: counts go on after a restart, without gap or repeat`, async () => {
    const engine = await LogEngine.open({ dir: 'log', fileSystem: memoryFileSystem() })
    engine.createTopic({ name: 'words', partitions: 2 })
    engine.createTopic({ name: 'counts-out', partitions: 2 })
    produce(engine, 'words', 0, ['a', 'b', 'a'])
    produce(engine, 'words', 1, ['x'])
    const properties = {
      'application.id': `app-${guarantee}`,
      'processing.guarantee': guarantee,
      'commit.interval.ms': 10,
      'poll.ms': 5,
      'state.dir': stateDir,
    }
    const first = new KafkaStreams(countTopology(), properties, embeddedClientSupplier(engine))
    await first.start()
    expect(first.state()).toBe('RUNNING')
    await until(() => read(engine, 'counts-out', 2).length === 4)
    expect(await first.close()).toBe(true)
    expect(first.state()).toBe('NOT_RUNNING')

    produce(engine, 'words', 0, ['a', 'b'])
    const second = new KafkaStreams(countTopology(), properties, embeddedClientSupplier(engine))
    await second.start()
    await until(() => read(engine, 'counts-out', 2).length === 6)
    await second.close()
    expect(read(engine, 'counts-out', 2).sort()).toEqual([
      ['a', 1],
      ['a', 2],
      ['a', 3],
      ['b', 1],
      ['b', 2],
      ['x', 1],
    ])
    await engine.close()
  })
}
