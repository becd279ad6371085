import type { Expected } from './case-file.ts'
import { equals } from './value.ts'

/**
 * The first place where what happened is not what was recorded, as one line of text; undefined when there is none.
 * Errors are compared by presence and place (`at`), never by text.
 */
export function firstDifference(expected: Expected, actual: Expected): string | undefined {
  return (
    differentError(expected.error, actual.error) ??
    differentText('describe', expected.describe, actual.describe) ??
    differentLists('outputs', expected.outputs, actual.outputs) ??
    differentLists('observed', expected.observed, actual.observed) ??
    differentLists('stores', expected.stores, actual.stores) ??
    differentValue('droppedRecords', expected.droppedRecords ?? 0, actual.droppedRecords ?? 0) ??
    differentCounts(expected.internalTopics ?? {}, actual.internalTopics ?? {})
  )
}

function differentError(expected: Expected['error'], actual: Expected['error']): string | undefined {
  if (expected?.at === actual?.at) return undefined
  return `error: expected ${errorText(expected)}, got ${errorText(actual)}`
}

function errorText(error: Expected['error']): string {
  return error === undefined ? 'none' : `one at ${error.at} (${error.message ?? 'no message'})`
}

function differentText(what: string, expected = '', actual = ''): string | undefined {
  if (expected === actual) return undefined
  const [left, right] = [expected.split('\n'), actual.split('\n')]
  const line = left.findIndex((text, i) => text !== right[i])
  const at = line < 0 ? left.length : line
  return `${what} line ${at + 1}: expected ${quoted(left[at])}, got ${quoted(right[at])}`
}

type Lists = { readonly [name: string]: readonly unknown[] }

function differentLists(what: string, expected: Lists = {}, actual: Lists = {}): string | undefined {
  for (const name of new Set([...Object.keys(expected), ...Object.keys(actual)])) {
    const [left, right] = [expected[name] ?? [], actual[name] ?? []]
    for (let i = 0; i < Math.max(left.length, right.length); i++) {
      const different = differentValue(`${what} ${name}[${i}]`, left[i], right[i])
      if (different !== undefined) return different
    }
  }
  return undefined
}

function differentCounts(
  expected: { readonly [topic: string]: number },
  actual: { readonly [topic: string]: number },
): string | undefined {
  for (const topic of new Set([...Object.keys(expected), ...Object.keys(actual)])) {
    const different = differentValue(`internalTopics ${topic}`, expected[topic] ?? 0, actual[topic] ?? 0)
    if (different !== undefined) return different
  }
  return undefined
}

function differentValue(what: string, expected: unknown, actual: unknown): string | undefined {
  return equals(expected, actual) ? undefined : `${what}: expected ${quoted(expected)}, got ${quoted(actual)}`
}

function quoted(x: unknown): string {
  return x === undefined ? 'nothing' : JSON.stringify(x)
}
