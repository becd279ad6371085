import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { partitionForKey, RecordBatchBuilder } from '@millrace/kafka-protocol'
import { LogEngine, memoryFileSystem } from '@millrace/log-engine'
import { Serdes, topic } from '@millrace/serdes'
import { afterAll, expect, test } from 'vitest'
import { embeddedClientSupplier } from '../../src/clients/embedded/embedded-client-supplier.ts'
import { KafkaStreams } from '../../src/kafka-streams.ts'
import { silentLogger } from '../../src/logger.ts'
import { StreamsBuilder } from '../../src/streams-builder.ts'
import type { StreamPartitioner } from '../../src/topology/extension-points.ts'
import { readPartition } from './reading.ts'
import { until } from './words.ts'

const stateDir = mkdtempSync(join(tmpdir(), 'millrace-'))
afterAll(() => rmSync(stateDir, { recursive: true, force: true }))

const text = { key: Serdes.string(), value: Serdes.string() }
const input = topic('in', text)
const output = topic('out', text)

/** Copies the rows from one topic to the other, and gives what each of its four partitions holds then. */
async function copy(
  rows: readonly (readonly [string | null, string])[],
  expected: number,
  partitioner?: StreamPartitioner<string, string>,
): Promise<{ readonly partitions: string[][]; readonly dropped: number }> {
  const engine = await LogEngine.open({ dir: 'log', fileSystem: memoryFileSystem() })
  engine.createTopic({ name: 'in', partitions: 1 })
  engine.createTopic({ name: 'out', partitions: 4 })
  const batch = new RecordBatchBuilder()
  for (const [key, value] of rows) batch.append(0, text.key.serialize('in', key), text.value.serialize('in', value))
  engine.append({ topic: 'in', partition: 0 }, batch.build())
  const builder = new StreamsBuilder()
  builder.stream(input).to(output, partitioner === undefined ? {} : { streamPartitioner: partitioner })
  const streams = new KafkaStreams(
    builder.build(),
    {
      'application.id': `copy-${expected}-${rows.length}`,
      'commit.interval.ms': 5,
      'poll.ms': 5,
      'state.dir': stateDir,
      logger: silentLogger,
    },
    embeddedClientSupplier(engine),
  )
  await streams.start()
  const read = () =>
    [0, 1, 2, 3].map((partition) =>
      readPartition(engine, 'out', partition).map(({ value }) => text.value.deserialize('out', value)!),
    )
  await until(
    () =>
      read().flat().length >= expected &&
      streams
        .metadataForLocalThreads()
        .flatMap(({ activeTasks }) => activeTasks)
        .every(({ lag }) => lag === 0),
  )
  // The figures of a task go with it.
  const dropped = streams
    .metrics()
    .filter(({ name, group }) => name === 'dropped-records-total' && group === 'stream-task-metrics')
    .reduce((sum, metric) => sum + Number(metric.value()), 0)
  await streams.close()
  const partitions = read()
  await engine.close()
  return { partitions, dropped }
}

const rows = Array.from({ length: 20 }, (_, index) => [`k${index}`, `v${index}`] as const)

test('without a partitioner, the murmur2 of the key’s bytes decides', async () => {
  const { partitions } = await copy(rows, 20)
  for (const [key, value] of rows) {
    expect(partitions[partitionForKey(text.key.serialize('out', key)!, 4)]).toContain(value)
  }
})

test('a partitioner may choose one partition, several, or none', async () => {
  const choices = [1, [0, 3, 3], [], undefined] as const
  const { partitions, dropped } = await copy(
    rows.slice(0, 4),
    4,
    (_topic, _key, value) => choices[Number(value.slice(1))],
  )
  const fallback = partitionForKey(text.key.serialize('out', 'k3')!, 4)
  const expected: string[][] = [['v1'], ['v0'], [], ['v1']]
  expected[fallback]!.push('v3')
  expect(partitions).toEqual(expected)
  expect(dropped).toBe(1)
})

test('records without a key are spread over the partitions', async () => {
  const { partitions } = await copy(
    Array.from({ length: 2000 }, (_, index) => [null, `v${index}`] as const),
    2000,
  )
  for (const partition of partitions) expect(partition.length).toBeGreaterThan(300)
})
