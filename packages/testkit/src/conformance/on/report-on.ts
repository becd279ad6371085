import type { LocatedCase } from '../case-files.ts'
import { firstDifference } from '../compare.ts'
import { allowedDifference } from './allowed-difference.ts'
import type { Place } from './place.ts'
import { runCaseOn } from './run-case-on.ts'
import { skipReason } from './skip-reason.ts'

/** How cases went in a running application. */
export interface OnReport {
  readonly passed: number
  /** Name and difference of each. */
  readonly failed: readonly (readonly [name: string, difference: string])[]
  /** Cases that differ as they may, by name: why. */
  readonly differing: ReadonlyMap<string, string>
  /** How many were left out, by reason. */
  readonly skipped: ReadonlyMap<string, number>
}

/** Runs the cases that can be compared, one after the other; hears of each failure at once. */
export async function reportOn(
  cases: readonly LocatedCase[],
  place: Place,
  onFailure: (name: string, difference: string) => void = () => {},
): Promise<OnReport> {
  const failed: (readonly [string, string])[] = []
  const differing = new Map<string, string>()
  const skipped = new Map<string, number>()
  let passed = 0
  for (const [i, { file }] of cases.entries()) {
    const reason = skipReason(file)
    if (reason !== undefined) {
      skipped.set(reason, (skipped.get(reason) ?? 0) + 1)
      continue
    }
    const { difference, allowed } = await compareOn(file, place, place.applicationId(i))
    if (difference === undefined) passed += 1
    else if (allowed !== undefined) differing.set(file.name, allowed)
    else {
      failed.push([file.name, difference])
      onFailure(file.name, difference)
    }
  }
  return { passed, failed, differing, skipped }
}

async function compareOn(
  file: LocatedCase['file'],
  place: Place,
  applicationId: string,
): Promise<{ readonly difference: string | undefined; readonly allowed?: string | undefined }> {
  try {
    const { outputs = {}, observed = {}, error } = file.expected
    const expected = error === undefined ? { outputs, observed } : { outputs, observed, error }
    const actual = await runCaseOn(file, place, applicationId)
    const difference = firstDifference(expected, actual)
    return difference === undefined ? { difference } : { difference, allowed: allowedDifference(file, actual.outputs) }
  } catch (error) {
    return { difference: `runner: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}` }
  }
}
