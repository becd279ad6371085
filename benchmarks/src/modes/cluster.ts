import { fork } from 'node:child_process'
import { once } from 'node:events'
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

/** Makes the inputs in another process, so that the memory it takes is not counted. @throws Error when that fails */
async function loadInChild(workload: Workload, count: number, bootstrapServers: string): Promise<void> {
  const child = fork(process.argv[1]!, ['load', workload, '--n', String(count), '--bootstrap', bootstrapServers])
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error(`The inputs of ${workload} could not be made.`)
}

/** Makes the inputs of a workload, unless they are there. */
export async function loadCluster(workload: Workload, count: number, bootstrapServers: string): Promise<void> {
  await new BenchTopics(nativeClientSupplier({ bootstrapServers }), workload, count).load()
}

async function pass(
  workload: Workload,
  count: number,
  settings: ApplicationSettings,
  bootstrapServers: string,
): Promise<Pass> {
  const stateDir = mkdtempSync(join(tmpdir(), 'millrace-bench-'))
  try {
    await loadInChild(workload, count, bootstrapServers)
    const topics = new BenchTopics(nativeClientSupplier({ bootstrapServers }), workload, count)
    return await applicationPass('cluster', topics, settings, stateDir)
  } finally {
    rmSync(stateDir, { recursive: true, force: true })
  }
}
