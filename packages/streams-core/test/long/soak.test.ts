import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { partitionForKey, RecordBatchBuilder } from '@millrace/kafka-protocol'
import { LogEngine } from '@millrace/log-engine'
import { Serdes } from '@millrace/serdes'
import { expect, test } from 'vitest'
import { embeddedClientSupplier } from '../../src/clients/embedded/embedded-client-supplier.ts'
import { KafkaStreams } from '../../src/kafka-streams.ts'
import { StreamsBuilder } from '../../src/streams-builder.ts'
import { TimeWindows } from '../../src/windows/time-windows.ts'
import { seededRandom } from '../kills/seeded-random.ts'

// An application with a full record cache, more keys than the cache holds, and windows that expire, runs for SOAK_SECONDS: its
// memory does not grow, neither that of the process nor what is left of the heap after a collection, and what it holds stays
// within the budgets.

const seconds = Number(process.env['SOAK_SECONDS'] ?? 20)
const partitions = 2
const keys = 50_000
const cacheBytes = 1_000_000
/** Records appended between two looks at what was processed. */
const burst = 500
/** Looks at the memory in all. */
const samples = 100
/** Looks from one full collection to the next. */
const samplesPerCollection = 5
/** Records that may wait. */
const backlog = 5_000

const text = Serdes.string()
const mebibyte = 1024 * 1024

test(`memory is steady over ${seconds} s with a full cache (SOAK_SECONDS)`, {
  timeout: seconds * 1000 + 120_000,
}, async () => {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-soak-'))
  const log = await LogEngine.open({ dir: join(directory, 'log') })
  log.createTopic({ name: 'clicks', partitions, configs: { 'retention.ms': '-1' } })
  const builder = new StreamsBuilder()
  const grouped = builder.stream<string, string>('clicks', { keySerde: text, valueSerde: text }).groupByKey()
  grouped.count({ storeName: 'counts', keySerde: text, valueSerde: Serdes.int64() })
  grouped
    .windowedBy(TimeWindows.ofSizeWithNoGrace(1000))
    .count({ storeName: 'windows', keySerde: text, valueSerde: Serdes.int64(), retentionMs: 10_000 })
  const settings = {
    'application.id': 'soak',
    'processing.guarantee': 'exactly_once_v2',
    'state.dir': join(directory, 'state'),
    'statestore.cache.max.bytes': cacheBytes,
    'metrics.recording.level': 'DEBUG',
  } as const
  const streams = new KafkaStreams(builder.build(), settings, embeddedClientSupplier(log))
  await streams.start()
  const random = seededRandom(1)
  const start = performance.now()
  const resident: number[] = []
  const live: number[] = []
  const held: number[] = []
  let cached = 0
  let produced = 0
  try {
    for (let next = 0; performance.now() - start < seconds * 1000; ) {
      const waiting = streams.metadataForLocalThreads().flatMap(({ activeTasks }) => activeTasks.map(({ lag }) => lag))
      if (waiting.reduce((sum, lag) => sum + lag, 0) < backlog) {
        produce(log, burst, random, produced)
        produced += burst
      }
      if (performance.now() - start >= next) {
        next += (seconds * 1000) / samples
        resident.push(process.memoryUsage().rss)
        held.push(total(streams, 'state-memory-bytes'))
        cached = Math.max(cached, total(streams, 'cache-size-bytes-total'))
        if (resident.length % samplesPerCollection === 0) live.push(heapAfterCollection())
      }
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(cached).toBeLessThanOrEqual(cacheBytes * 1.1)
    expect(cached, 'the cache was full').toBeGreaterThan(cacheBytes * 0.8)
  } finally {
    await streams.close()
    await log.close()
    rmSync(directory, { recursive: true, force: true })
  }
  // What the process holds swings with collections and compactions, so medians are compared.
  const [early, late] = [middle(resident, 1), middle(resident, 3)]
  const [earlyLive, lateLive] = [middle(live, 1), middle(live, 3)]
  const figures = [
    `${produced} records`,
    `resident ${whole(early)} MiB in the second quarter, ${whole(late)} MiB in the last, ${whole(Math.max(...resident))} MiB at most`,
    `heap after a collection ${whole(earlyLive)} and ${whole(lateLive)} MiB`,
    `stores hold ${whole(Math.max(...held))} MiB at most, the cache ${cached} bytes of ${cacheBytes}`,
  ].join('; ')
  process.stdout.write(`soak of ${seconds} s: ${figures}\n`)
  if (process.env['SOAK_SERIES']) {
    process.stdout.write(`resident, MiB: ${resident.map(whole).join(' ')}\nheap, MiB: ${live.map(tenths).join(' ')}\n`)
  }
  // A short run is still growing into its budgets.
  const allowance = seconds < 120 ? 3 : 1.2
  expect(late, figures).toBeLessThan(early * allowance + 50 * mebibyte)
  expect(lateLive, figures).toBeLessThan(earlyLive * allowance + 10 * mebibyte)
  expect(Math.max(...quarter(held, 3)), figures).toBeLessThan(Math.max(...quarter(held, 1)) * 1.5 + 50 * mebibyte)
})

/** What is alive: objects, and buffers outside the heap. */
function heapAfterCollection(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

/** The sum of a figure over all tasks. */
function total(streams: KafkaStreams, figure: string): number {
  const found = streams.metrics().filter(({ name }) => name === figure)
  expect(found, figure).not.toEqual([])
  return found.reduce((sum, metric) => sum + Number(metric.value()), 0)
}

/** A quarter, counted from 0. */
function quarter(values: readonly number[], index: number): readonly number[] {
  const size = Math.floor(values.length / 4)
  return values.slice(index * size, (index + 1) * size)
}

/** The median of a quarter. */
function middle(values: readonly number[], index: number): number {
  const sorted = [...quarter(values, index)].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)]!
}

function whole(bytes: number): number {
  return Math.round(bytes / mebibyte)
}

function tenths(bytes: number): string {
  return (bytes / mebibyte).toFixed(1)
}

/** Stream time moves a second every 10,000 records. */
function produce(log: LogEngine, count: number, random: () => number, before: number): void {
  const batches = Array.from({ length: partitions }, () => new RecordBatchBuilder())
  for (let i = 0; i < count; i += 1) {
    const key = text.serialize('clicks', `user-${Math.floor(random() * keys)}`)!
    const timestamp = 1_700_000_000_000 + Math.floor((before + i) / 10)
    batches[partitionForKey(key, partitions)]!.append(timestamp, key, text.serialize('clicks', 'click'))
  }
  for (const [partition, batch] of batches.entries()) log.append({ topic: 'clicks', partition }, batch.build())
}
