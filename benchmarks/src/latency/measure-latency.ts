import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Headers, type KafkaClientSupplier, KafkaStreams } from 'millrace'
import { embeddedClientSupplier, LogEngine } from 'millrace/embedded'
import { DEFAULT_SETTINGS } from '../modes/application-pass.ts'
import { PARTITIONS, partitionsOf } from '../modes/bench-topics.ts'
import { generate } from '../workloads/generator.ts'
import { buildWorkload, uncached } from '../workloads/topologies.ts'
import { WORKLOADS } from '../workloads/workload.ts'
import { type Quantiles, quantilesOf } from './quantiles.ts'

/** Workloads by the number of subtopologies on the way. */
const MEASURED = [
  { workload: 'W1', subtopologies: 1, records: 50_000 },
  { workload: 'W2', subtopologies: 2, records: 10_000 },
] as const

type Measured = (typeof MEASURED)[number]

const SHARES = [0.1, 0.5, 0.9] as const
const SECONDS = 6
/** Not measured: the time in which the code gets warm. */
const WARM_UP_SECONDS = 3
const TICK_MS = 5
/** Records of an unbounded rate that may be under way. */
const MAX_BEHIND = 20_000

/**
 * Time from producing a record to reading, with read_committed, what it led to: standalone, exactly-once, commits every 100 ms, 4
 * partitions; at shares of the highest rate. Producer, application and reader share one process and its thread, in the measurement
 * of the highest rate too.
 */
export async function measureLatency(say: (line: string) => void): Promise<void> {
  for (const measured of MEASURED) {
    const highest = await run(measured, Infinity)
    say(
      `latency ${measured.workload}: highest rate ${Math.round(highest.rate)} records/s with producer and reader in the same thread`,
    )
    for (const share of SHARES) {
      const { rate, latencies } = await run(measured, highest.rate * share)
      say(`latency ${measured.workload} at ${share} of it (${Math.round(rate)}/s): ${text(latencies, measured)}`)
    }
  }
}

function text({ count, p50, p99, p999, max }: Quantiles, { subtopologies }: Measured): string {
  const intervals = p99 / DEFAULT_SETTINGS.commitIntervalMs / subtopologies
  return (
    `p50 ${Math.round(p50)} ms, p99 ${Math.round(p99)} ms, p99.9 ${Math.round(p999)} ms, greatest ${Math.round(max)} ms ` +
    `of ${count} outputs; p99 is ${intervals.toFixed(2)} commit intervals for each of ${subtopologies} subtopologies`
  )
}

interface Outcome {
  /** Input records a second. */
  readonly rate: number
  readonly latencies: Quantiles
}

async function run(measured: Measured, rate: number): Promise<Outcome> {
  const dir = mkdtempSync(join(tmpdir(), 'millrace-bench-'))
  const log = await LogEngine.open({ dir: join(dir, 'log') })
  const clients = embeddedClientSupplier(log)
  const { inputs, output } = WORKLOADS[measured.workload]
  const admin = clients.admin()
  await admin.createTopics([...inputs, output].map((name) => ({ name, partitions: PARTITIONS, configs: {} })))
  await admin.close()
  const streams = new KafkaStreams(
    buildWorkload(measured.workload),
    {
      ...uncached,
      'application.id': 'latency',
      'state.dir': join(dir, 'state'),
      'processing.guarantee': DEFAULT_SETTINGS.guarantee,
      'commit.interval.ms': DEFAULT_SETTINGS.commitIntervalMs,
    },
    clients,
  )
  try {
    await streams.start()
    return await feedAndRead(clients, measured, rate)
  } finally {
    await streams.close()
    await log.close()
    rmSync(dir, { recursive: true })
  }
}

async function feedAndRead(clients: KafkaClientSupplier, measured: Measured, rate: number): Promise<Outcome> {
  const values = inputValues(measured)
  const producer = clients.producer({ clientId: 'feed', transactionalId: undefined, transactionTimeoutMs: 60_000 })
  const reader = new OutputReader(clients, WORKLOADS[measured.workload].output)
  const topic = WORKLOADS[measured.workload].inputs[0]!
  const started = performance.now()
  let sent = 0
  let measuredFrom = 0
  let sentBefore = 0
  for (let elapsed = 0; elapsed < (WARM_UP_SECONDS + SECONDS) * 1000; elapsed = performance.now() - started) {
    if (sentBefore === 0 && elapsed >= WARM_UP_SECONDS * 1000) {
      sentBefore = sent
      measuredFrom = performance.now()
      reader.startMeasuring()
    }
    const due = rate === Infinity ? reader.settled() + MAX_BEHIND : Math.floor((elapsed / 1000) * rate)
    const now = Date.now()
    for (; sent < due; sent++) {
      const { key, value } = values[sent % values.length]!
      producer.send(topic, sent % PARTITIONS, key, value, now, Headers.empty)
    }
    reader.sent(now, sent)
    await producer.flush()
    await reader.poll()
    await sleep(TICK_MS)
  }
  const seconds = (performance.now() - measuredFrom) / 1000
  const outcome = { rate: (sent - sentBefore) / seconds, latencies: quantilesOf(reader.latencies) }
  await producer.close()
  await reader.close()
  return outcome
}

function inputValues({ workload, records }: Measured): { key: Uint8Array | null; value: Uint8Array }[] {
  const values: { key: Uint8Array | null; value: Uint8Array }[] = []
  generate(workload, records, PARTITIONS, (_topic, _partition, _timestamp, key, value) => values.push({ key, value }))
  return values
}

/** Reads committed outputs, whose timestamps are those of the inputs they came from. */
class OutputReader {
  readonly #consumer: ReturnType<KafkaClientSupplier['restoreConsumer']>
  readonly latencies: number[] = []
  #isMeasuring = false
  /** Time of the newest input whose output was read, Unix ms. */
  #newest = 0
  readonly #sent: { readonly time: number; readonly count: number }[] = []

  constructor(clients: KafkaClientSupplier, output: string) {
    const partitions = partitionsOf([output])
    this.#consumer = clients.restoreConsumer({ clientId: 'read', isolation: 'read_committed' })
    this.#consumer.assign(partitions)
    this.#consumer.seekToBeginning(partitions)
  }

  startMeasuring(): void {
    this.#isMeasuring = true
  }

  async poll(): Promise<void> {
    const polled = await this.#consumer.poll(0)
    const now = Date.now()
    for (const { records } of polled) {
      for (const { timestamp } of records) {
        if (this.#isMeasuring) this.latencies.push(now - timestamp)
        if (timestamp > this.#newest) this.#newest = timestamp
      }
    }
  }

  /** So many inputs had been sent at that time, Unix ms. */
  sent(time: number, count: number): void {
    this.#sent.push({ time, count })
  }

  /** How many inputs had been sent when the newest one was whose output was read. */
  settled(): number {
    while (this.#sent.length > 1 && this.#sent[1]!.time <= this.#newest) this.#sent.shift()
    return this.#newest === 0 || this.#sent.length === 0 ? 0 : this.#sent[0]!.count
  }

  async close(): Promise<void> {
    await this.#consumer.close()
  }
}
