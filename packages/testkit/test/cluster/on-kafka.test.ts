import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { readCases } from '../../src/conformance/case-files.ts'
import { clusterPlace } from '../../src/conformance/on/cluster-place.ts'
import { reportOn } from '../../src/conformance/on/report-on.ts'

// `npm run conformance -- --on HOST:PORT DIR` runs all of the cases on a Kafka; here is a sample.

const names = [
  'stateless/repartition-order',
  'stateless/dynamic-topic',
  'join-stream-stream/outer-grace',
  'join-stream-table/inner',
  'foreign-key/inner-life',
  'global-table/inner',
  'window/tumbling-emit-close',
  'suppress/limit-max-records',
]

test('an application on a real Kafka does what the driver does', { timeout: 120_000 }, async () => {
  const cases = readCases([fileURLToPath(new URL('../conformance-cases', import.meta.url))])
  const place = clusterPlace(process.env['KAFKA_BOOTSTRAP']!)
  const { passed, failed } = await reportOn(
    cases.filter(({ file }) => names.includes(file.name)),
    place,
  )
  await place.close()
  expect(failed).toEqual([])
  expect(passed).toBe(names.length)
})
