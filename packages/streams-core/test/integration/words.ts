import { RecordBatchBuilder } from '@millrace/kafka-protocol'
import type { LogEngine } from '@millrace/log-engine'
import { Serdes } from '@millrace/serdes'
import { Stores } from '../../src/dsl/stores.ts'
import type { ProcessorContext } from '../../src/processors/processor.ts'
import type { Record } from '../../src/processors/record.ts'
import type { KeyValueStore } from '../../src/state/state-store.ts'
import { Topology } from '../../src/topology.ts'
import { readTopic } from './reading.ts'

// An application that counts words: topic `words` ─► store `counts` ─► topic `counts-out`.

const string = Serdes.string()
const json = Serdes.json<number>()

/** `persistent`: the store's kind. */
export function countTopology(persistent: boolean): Topology {
  const supplier = persistent ? Stores.persistentKeyValueStore('counts') : Stores.inMemoryKeyValueStore('counts')
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
          process(record: Record<string, string>) {
            const next = (counts.get(record.value) ?? 0) + 1
            counts.put(record.value, next)
            context.forward(record.withKey(record.value).withValue(next))
          },
        }
      },
      'words',
    )
    .addStateStore(Stores.keyValueStoreBuilder(supplier, string, json), 'count')
    .addSink('out', 'counts-out', 'count', { keySerde: string, valueSerde: json })
}

export function createTopics(engine: LogEngine, partitions: number): void {
  engine.createTopic({ name: 'words', partitions })
  engine.createTopic({ name: 'counts-out', partitions })
}

export function produceWords(engine: LogEngine, partition: number, words: readonly string[]): void {
  const builder = new RecordBatchBuilder()
  for (const word of words) builder.append(1000, null, string.serialize('words', word))
  engine.append({ topic: 'words', partition }, builder.build())
}

/** All committed rows of `counts-out`, partition by partition. */
export function readCounts(engine: LogEngine): [string, number][] {
  const topic = 'counts-out'
  return readTopic(engine, topic).map(({ key, value }) => [
    string.deserialize(topic, key)!,
    json.deserialize(topic, value)!,
  ])
}

/** The rows that words give when each is counted once. */
export function expectedCounts(words: readonly string[]): [string, number][] {
  const counts = new Map<string, number>()
  return words.map((word) => {
    const count = (counts.get(word) ?? 0) + 1
    counts.set(word, count)
    return [word, count]
  })
}

export async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; !condition(); turn += 1) {
    if (turn > 200_000) throw new Error('The condition did not come true.')
    await new Promise((resolve) => setImmediate(resolve))
  }
}
