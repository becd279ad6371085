import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { measureAppendFetch } from './measure-append-fetch.ts'
import { measureCompaction } from './measure-compaction.ts'
import { measureOpening } from './measure-opening.ts'

/** What can be measured of the log alone. */
const measurements: Readonly<Record<string, (directory: string) => Promise<void>>> = {
  append: measureAppendFetch,
  opening: measureOpening,
  compaction: measureCompaction,
}

/** Measures the log alone: all of it, or `append`, `opening` or `compaction`. */
export async function measureLog(only: string | undefined): Promise<void> {
  if (only !== undefined && measurements[only] === undefined) {
    throw new RangeError(`Unknown measurement '${only}': give ${Object.keys(measurements).join(', ')}.`)
  }
  for (const [name, measure] of Object.entries(measurements)) {
    if (only !== undefined && only !== name) continue
    const directory = mkdtempSync(join(tmpdir(), 'millrace-bench-'))
    try {
      await measure(directory)
    } finally {
      rmSync(directory, { recursive: true })
    }
  }
}
