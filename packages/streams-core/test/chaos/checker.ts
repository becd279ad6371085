// What must hold after any number of crashes. Knows the topics' contents only, nothing of the runtime.

import { windowMs } from './topology.ts'

/** One record of the result topic. */
export interface CountRecord {
  readonly partition: number
  readonly offset: number
  readonly region: string
  readonly windowStart: number
  readonly count: number
}

/** One record of the input topic. */
export interface ClickRecord {
  readonly user: string
  readonly timestamp: number
}

/**
 * Everything that is wrong with committed results: counts of a key that do not run 1, 2, 3 …, a key in two partitions, final counts
 * that differ from those of a plain loop over the input. Empty: nothing.
 */
export function faultsIn(
  clicks: readonly ClickRecord[],
  regionOf: ReadonlyMap<string, string>,
  results: readonly CountRecord[],
): readonly string[] {
  const faults: string[] = []
  const last = new Map<string, CountRecord>()
  const inOrder = [...results].sort((a, b) => a.partition - b.partition || a.offset - b.offset)
  for (const result of inOrder) {
    const key = `${result.region}@${result.windowStart}`
    const before = last.get(key)
    if (before !== undefined && before.partition !== result.partition) {
      faults.push(`${key} is in partitions ${before.partition} and ${result.partition}`)
    }
    const expected = (before?.count ?? 0) + 1
    if (result.count !== expected) {
      faults.push(`${key}: ${result.count} instead of ${expected} at ${result.partition}:${result.offset}`)
    }
    last.set(key, result)
  }
  const expected = countsOf(clicks, regionOf)
  for (const [key, count] of expected) {
    const found = last.get(key)?.count ?? 0
    if (found !== count) faults.push(`${key} ends at ${found} instead of ${count}`)
  }
  for (const key of last.keys()) if (!expected.has(key)) faults.push(`${key} has a count and no clicks`)
  return faults
}

/** The final counts, by a plain loop. */
export function countsOf(
  clicks: readonly ClickRecord[],
  regionOf: ReadonlyMap<string, string>,
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const { user, timestamp } of clicks) {
    const key = `${regionOf.get(user)}@${timestamp - (timestamp % windowMs)}`
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  return counts
}
