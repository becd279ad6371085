import type { CaseFile } from './case-file.ts'
import { firstDifference } from './compare.ts'
import { type RunOptions, runCase } from './run-case.ts'

/** Tags of the cases that show defects of Java, which only `java.quirks` reproduces. */
export const quirkTags: ReadonlySet<string> = new Set(['quirk', 'emit-close', 'suppress-old-value'])

/** May the case give another result without `java.quirks`? */
export function mayDiffer(file: CaseFile): boolean {
  return (file.tags ?? []).some((tag) => quirkTags.has(tag))
}

/** How a case differs from its recording; undefined when it does not. A fault of the runner itself counts as one. */
export function verdict(file: CaseFile, options: RunOptions): string | undefined {
  try {
    return firstDifference(file.expected, runCase(file, options))
  } catch (error) {
    return `runner: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`
  }
}
