import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { readCases } from '../../src/conformance/case-files.ts'
import type { Place } from '../../src/conformance/on/place.ts'
import { reportOn } from '../../src/conformance/on/report-on.ts'
import { skipReason } from '../../src/conformance/on/skip-reason.ts'
import { standalonePlace } from '../../src/conformance/on/standalone-place.ts'

// `npm run conformance -- --on standalone DIR` runs all of the cases in a running application; here is a sample.

const cases = readCases([fileURLToPath(new URL('../conformance-cases', import.meta.url))])

function sample(...names: readonly string[]) {
  return cases.filter(({ file }) => names.includes(file.name))
}

async function onStandalone(chosen: typeof cases, place: Place = standalonePlace()) {
  const report = await reportOn(chosen, place)
  await place.close()
  return report
}

test('a running application does what the driver does, record by record', { timeout: 90_000 }, async () => {
  const chosen = sample(
    'stateless/repartition-order',
    'join-stream-stream/left-basic',
    'foreign-key/inner-life',
    'global-table/inner',
    'window/tumbling-emit-close',
    'suppress/limit-max-records',
  )
  expect(chosen).toHaveLength(6)
  const { passed, failed } = await onStandalone(chosen)
  expect(failed).toEqual([])
  expect(passed).toBe(6)
})

test('cases that cannot be compared are counted by reason', async () => {
  const { passed, skipped } = await onStandalone(
    sample('session/cached', 'suppress/final-cached', 'processor/wall-clock-tick', 'errors/unknown-input-topic'),
  )
  expect(passed).toBe(0)
  expect([...skipped.values()].reduce((sum, count) => sum + count, 0)).toBe(4)
  expect([...skipped.keys()].some((reason) => reason.startsWith('the record cache is on'))).toBe(true)
  expect(cases.filter(({ file }) => skipReason(file) === undefined).length).toBeGreaterThan(250)
})

test('a difference is found, unless it is one that the driver and an application must have', {
  timeout: 90_000,
}, async () => {
  const [planted] = sample('stateless/repartition-order')
  const { outputs } = planted!.file.expected
  const [topic, records] = Object.entries(outputs!)[0]!
  const changed = { ...outputs, [topic]: records.slice(1) }
  const file = { ...planted!.file, expected: { ...planted!.file.expected, outputs: changed } }
  expect((await onStandalone([{ ...planted!, file }])).failed).toHaveLength(1)
  const { differing } = await onStandalone(sample('processor/tick-after-repartition'))
  expect([...differing.values()]).toEqual([
    'stream time is that of a task, and the driver has one task for several subtopologies',
  ])
})
