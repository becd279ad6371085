import type { CaseFile, Expected } from '../case-file.ts'
import { equals } from '../value.ts'

/**
 * Why a case may give other outputs in a running application than in the driver; undefined: it may not.
 *
 * The driver runs the whole topology as one task, and sees what the task sends at once. An application has a task for each
 * subtopology, each with its own stream time, and reads what it has sent when it polls.
 */
export function allowedDifference(
  { topology, expected }: CaseFile,
  outputs: Expected['outputs'] = {},
): string | undefined {
  const subtopologies = (expected.describe ?? '').split('Sub-topology:').slice(1)
  if (subtopologies.length > 1 && JSON.stringify(topology).includes('"streamTime"')) {
    return 'stream time is that of a task, and the driver has one task for several subtopologies'
  }
  const sunk = new Set(
    [...(expected.describe ?? '').matchAll(/Sink: \S+ \(topic: ([^)]+)\)/g)].map(([, topic]) => topic),
  )
  const isRacing = subtopologies.some(
    (text) =>
      [...text.matchAll(/Source: \S+ \(topics: \[([^\]]+)\]\)/g)].filter(([, topic]) => sunk.has(topic!)).length > 1,
  )
  if (isRacing && haveEqualEnds(expected.outputs ?? {}, outputs)) {
    return 'a task reads several topics that the application writes, whose order depends on polls; the last value of each key is the same'
  }
  return undefined
}

/** Whether the last values of all keys of all topics are the same. */
function haveEqualEnds(expected: NonNullable<Expected['outputs']>, actual: NonNullable<Expected['outputs']>): boolean {
  return [...new Set([...Object.keys(expected), ...Object.keys(actual)])].every((topic) => {
    const [left, right] = [lastValues(expected[topic] ?? []), lastValues(actual[topic] ?? [])]
    return (
      left.size === right.size && [...left].every(([key, value]) => right.has(key) && equals(value, right.get(key)))
    )
  })
}

function lastValues(records: readonly { readonly key: unknown; readonly value: unknown }[]): Map<string, unknown> {
  return new Map(records.map(({ key, value }) => [JSON.stringify(key), value]))
}
