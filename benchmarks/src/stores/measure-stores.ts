import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { levelEngine, memoryEngine, type StateEngine } from '@millrace/state-stores'
import { countByKey, countByWindow, fetchWindows, restore, type StoreWorkload } from './workloads.ts'

/** Measures the stores alone, on both engines or only one. One line for each engine and workload. */
export async function measureStores(only: string | undefined): Promise<void> {
  if (only !== undefined && only !== 'memory' && only !== 'level') {
    throw new RangeError(`Unknown engine '${only}': give memory or level.`)
  }
  for (const engine of ['memory', 'level'] as const) {
    if (only !== undefined && only !== engine) continue
    for (const workload of [countByKey, countByWindow, fetchWindows, restore]) await measure(engine, workload)
  }
}

async function measure(name: 'memory' | 'level', workload: StoreWorkload): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-bench-'))
  try {
    const engine: StateEngine = name === 'memory' ? memoryEngine() : await levelEngine(join(directory, 'task'))
    const cpuBefore = process.cpuUsage()
    const start = process.hrtime.bigint()
    await workload.run(engine)
    const seconds = Number(process.hrtime.bigint() - start) / 1e9
    const cpu = process.cpuUsage(cpuBefore)
    const rate = Math.round(workload.operations / seconds)
    const cpuMicros = (cpu.user + cpu.system) / workload.operations
    const megabytes = Math.round(engine.memoryBytes() / 1e6)
    process.stdout.write(
      `${name}: ${workload.title}: ${seconds.toFixed(2)} s, ${rate}/s, ${cpuMicros.toFixed(2)} µs CPU each, ${megabytes} MB held\n`,
    )
    await engine.close()
  } finally {
    rmSync(directory, { recursive: true })
  }
}
