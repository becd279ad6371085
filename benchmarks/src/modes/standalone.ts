import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { embeddedClientSupplier, LogEngine } from 'millrace/embedded'
import type { Workload } from '../workloads/workload.ts'
import { type ApplicationSettings, applicationPass } from './application-pass.ts'
import { BenchTopics } from './bench-topics.ts'
import type { Pass } from './pass.ts'

/**
 * Runs a workload through the bundled log on disk, with changelogs: `repeat` times, each with a fresh directory, after an
 * unmeasured pass over a tenth of the records.
 */
export async function* runStandalone(
  workload: Workload,
  count: number,
  repeat: number,
  settings: ApplicationSettings,
): AsyncGenerator<Pass> {
  await pass(workload, Math.ceil(count / 10), settings)
  for (let i = 0; i < repeat; i++) yield await pass(workload, count, settings)
}

async function pass(workload: Workload, count: number, settings: ApplicationSettings): Promise<Pass> {
  const dir = mkdtempSync(join(tmpdir(), 'millrace-bench-'))
  const log = await LogEngine.open({ dir: join(dir, 'log') })
  try {
    const topics = new BenchTopics(embeddedClientSupplier(log), workload, count)
    await topics.load()
    return await applicationPass('standalone', topics, settings, join(dir, 'state'))
  } finally {
    await log.close()
    rmSync(dir, { recursive: true })
  }
}
