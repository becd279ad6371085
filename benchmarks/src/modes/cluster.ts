import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nativeClientSupplier } from 'millrace/native'
import type { Workload } from '../workloads/workload.ts'
import { type ApplicationSettings, applicationPass } from './application-pass.ts'
import { BenchTopics } from './bench-topics.ts'
import type { Pass } from './pass.ts'

/**
 * Runs a workload over any Kafka through the native clients: `repeat` times after an unmeasured pass over a tenth of the records.
 * What it writes stays there.
 */
export async function* runCluster(
  workload: Workload,
  count: number,
  repeat: number,
  settings: ApplicationSettings,
  bootstrapServers: string,
): AsyncGenerator<Pass> {
  await pass(workload, Math.ceil(count / 10), settings, bootstrapServers)
  for (let i = 0; i < repeat; i++) yield await pass(workload, count, settings, bootstrapServers)
}

async function pass(
  workload: Workload,
  count: number,
  settings: ApplicationSettings,
  bootstrapServers: string,
): Promise<Pass> {
  const stateDir = mkdtempSync(join(tmpdir(), 'millrace-bench-'))
  try {
    const topics = new BenchTopics(nativeClientSupplier({ bootstrapServers }), workload, count)
    await topics.load()
    return await applicationPass('cluster', topics, settings, stateDir)
  } finally {
    rmSync(stateDir, { recursive: true, force: true })
  }
}
