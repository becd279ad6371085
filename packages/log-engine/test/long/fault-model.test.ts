import { expect, it } from 'vitest'
import { firstFailure } from '../faults/run-seeds.ts'

/** `FAULT_SEEDS=10000` runs so many. */
const count = Number(process.env['FAULT_SEEDS'] ?? 1500)

it('keeps what it acknowledged, and nothing else, through many more crashes and faults', async () => {
  expect(await firstFailure(1000, count)).toBe(undefined)
})
