import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { runWorkers } from 'millrace'
import { embeddedClientSupplier, LogEngine } from 'millrace/embedded'
import { nativeClientSupplier } from 'millrace/native'
import { BenchTopics, partitionsOf } from '../modes/bench-topics.ts'
import { Progress } from '../modes/progress.ts'
import type { Curve } from './curve.ts'

const RECORDS = 500_000
const POLL_MS = 20

/** So many worker processes share the tasks of one application, with four partitions. */
export const workersCurve: Curve = {
  name: 'workers',
  title: `windowed sums of ${RECORDS.toLocaleString('en')} records, standalone, exactly-once, from when all workers run`,
  sizes: 'workers',
  costs: 'µs of time a record',
  explanation:
    'Two workers on two cores would halve the time (exponent -1) if nothing else ran there. The first one also serves the log to the ' +
    'other, whose records and results go through its sockets.',
  async *points() {
    const dir = mkdtempSync(join(tmpdir(), 'millrace-bench-'))
    try {
      const log = await LogEngine.open({ dir: join(dir, 'log') })
      await new BenchTopics(embeddedClientSupplier(log), 'W3', RECORDS).load()
      await log.close()
      await timeOf(1, dir, '-warm')
      for (const size of [1, 2]) yield { size, cost: await timeOf(size, dir, `-${size}`) }
    } finally {
      rmSync(dir, { recursive: true })
    }
  },
}

/** µs a record. */
async function timeOf(workers: number, dir: string, nonce: string): Promise<number> {
  const pool = runWorkers(new URL('./workers-main.js', import.meta.url), {
    workers,
    args: [dir, nonce, String(RECORDS)],
    handleSignals: false,
  })
  try {
    await pool.running
    const clients = nativeClientSupplier({ bootstrapServers: pool.status().brokers.join(',') })
    const inputs = partitionsOf(new BenchTopics(clients, 'W3', RECORDS).inputs)
    const work = { inputs, inputCount: RECORDS, repartition: [], marksTransactions: true }
    const progress = new Progress(clients, `workers${nonce}`, work)
    let begun = performance.now()
    let before = await progress.committedCount()
    while (before === undefined) {
      await sleep(1)
      begun = performance.now()
      before = await progress.committedCount()
    }
    while (!(await progress.isFinished())) await sleep(POLL_MS)
    const micros = (performance.now() - begun) * 1000
    await progress.close()
    if (before > RECORDS / 2) throw new Error(`Of ${RECORDS} records ${before} were done before all workers ran.`)
    return micros / (RECORDS - before)
  } finally {
    await pool.close()
  }
}
