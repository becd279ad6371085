import { setTimeout as sleep } from 'node:timers/promises'
import { Headers, Serdes } from '@millrace/serdes'
import { expect } from 'vitest'
import type { KafkaClientSupplier } from '../../src/clients/client-supplier.ts'
import { StreamsBuilder } from '../../src/streams-builder.ts'
import type { Topology } from '../../src/topology.ts'

// Word count with a repartition topic and a store, over any clients that can share a log; its input, and what must come out.

const string = Serdes.string()
const int64 = Serdes.int64()
export const partitions = 3

/** What is one scene's own on a log that many share. */
export interface WordCountNames {
  readonly application: string
  readonly lines: string
  readonly counts: string
}

/** Names that no earlier run has used, with their topics. */
export async function wordCountScene(
  clients: KafkaClientSupplier,
  uniqueName: (prefix: string) => string,
): Promise<WordCountNames> {
  const names = { application: uniqueName('app'), lines: uniqueName('lines'), counts: uniqueName('counts') }
  const admin = clients.admin()
  // The records are old: a broker would delete them.
  const configs = { 'retention.ms': '-1' }
  await admin.createTopics([names.lines, names.counts].map((name) => ({ name, partitions, configs })))
  await admin.close()
  return names
}

export function wordCount({ lines, counts }: WordCountNames): Topology {
  const builder = new StreamsBuilder()
  builder
    .stream(lines, { keySerde: string, valueSerde: string })
    .flatMapValues((line) => line.split(' '))
    .groupBy((word) => word, { keySerde: string, valueSerde: string, name: 'by-word' })
    .count({ storeName: 'counts', storeType: 'in_memory' })
    .toStream()
    .to(counts, { keySerde: string, valueSerde: int64 })
  return builder.build()
}

const words = ['to', 'be', 'or', 'not', 'that', 'is', 'the']

/** Line `i` has two words. */
function lineOf(i: number): string {
  return `${words[i % words.length]} ${words[(i * 3 + 1) % words.length]}`
}

/** Writes the lines of these numbers. */
export async function produceLines(
  clients: KafkaClientSupplier,
  topic: string,
  from: number,
  to: number,
): Promise<void> {
  const producer = clients.producer({ clientId: 'lines', transactionalId: undefined, transactionTimeoutMs: 10_000 })
  for (let i = from; i < to; i += 1) {
    producer.send(topic, i % partitions, null, string.serialize(topic, lineOf(i)), 1_700_000_000_000 + i, Headers.empty)
  }
  await producer.flush()
  await producer.close()
}

/** The committed rows of the topic, as soon as there are so many; what there is when none has come for a minute. */
export async function readCounts(
  clients: KafkaClientSupplier,
  topic: string,
  count: number,
): Promise<[string, number][]> {
  const consumer = clients.restoreConsumer({ clientId: 'counts', isolation: 'read_committed' })
  const inputs = Array.from({ length: partitions }, (_, partition) => ({ topic, partition }))
  consumer.assign(inputs)
  consumer.seekToBeginning(inputs)
  const rows: [string, number][] = []
  for (let idle = 0; rows.length < count && idle < 1200; ) {
    const polled = await consumer.poll(50)
    idle = polled.length === 0 ? idle + 1 : 0
    for (const { records } of polled) {
      for (const { key, value } of records) {
        rows.push([string.deserialize(topic, key)!, int64.deserialize(topic, value)!])
      }
    }
  }
  await consumer.close()
  return rows
}

/** Per word 1, 2, 3, … up to how often it is in the lines. */
export function expectNoGaps(rows: readonly [string, number][], lines: number): void {
  const expected = new Map<string, number>()
  for (let i = 0; i < lines; i += 1) {
    for (const word of lineOf(i).split(' ')) expected.set(word, (expected.get(word) ?? 0) + 1)
  }
  for (const [word, total] of expected) {
    const counts = rows.flatMap(([key, count]) => (key === word ? [count] : []))
    expect([word, counts]).toEqual([word, Array.from({ length: total }, (_, i) => i + 1)])
  }
}

/** As long as the test may take. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(10)
}
