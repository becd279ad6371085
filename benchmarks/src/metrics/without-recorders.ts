import type { LoadHook } from 'node:module'

/** Beginnings of the functions that record, by module: with a `return` after them they do nothing. */
const RECORDING: readonly (readonly [module: string, functions: RegExp, count: number])[] = [
  ['/metrics/recorders.js', /^ {4}record\(.*\) \{/gm, 2],
  ['/metrics/task-metrics.js', /^export function countRecords?\([^)]*\) \{/gm, 2],
]

/** A loader of modules under which nothing is recorded. @throws Error when a function that records is not found */
export const load: LoadHook = async (url, context, nextLoad) => {
  const loaded = await nextLoad(url, context)
  const found = RECORDING.find(([module]) => url.endsWith(module))
  if (found === undefined) return loaded
  const [module, functions, count] = found
  const source = String(loaded.source)
  const matches = source.match(functions)?.length ?? 0
  if (matches !== count) throw new Error(`${matches} functions that record were found in ${module}, not ${count}.`)
  return { ...loaded, source: source.replace(functions, '$& return;') }
}
