import { expect, it } from 'vitest'
import { ModelRun } from './model-run.ts'

/** `FAULT_SEEDS=10000` runs so many; `FAULT_SEED=7` runs that one alone. */
const count = Number(process.env['FAULT_SEEDS'] ?? 150)
const only = process.env['FAULT_SEED']

it('keeps what it acknowledged, and nothing else, through crashes and faults', { timeout: 3_600_000 }, async () => {
  const seeds = only === undefined ? Array.from({ length: count }, (_, seed) => seed) : [Number(only)]
  for (const seed of seeds) {
    try {
      await new ModelRun(seed).run()
    } catch (error) {
      throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : error}`, { cause: error })
    }
  }
  expect(seeds.length).toBeGreaterThan(0)
})
