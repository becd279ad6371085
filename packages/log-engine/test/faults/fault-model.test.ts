import { expect, it } from 'vitest'
import { firstFailure } from './run-seeds.ts'

/** `FAULT_SEEDS=10000` runs so many; `FAULT_SEED=7` runs that one alone. */
const count = Number(process.env['FAULT_SEEDS'] ?? 60)
const only = process.env['FAULT_SEED']

it('keeps what it acknowledged, and nothing else, through crashes and faults', { timeout: 3_600_000 }, async () => {
  expect(await firstFailure(Number(only ?? 0), only === undefined ? count : 1, 3)).toBe(undefined)
})
