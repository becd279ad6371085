import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { readCases } from '../../src/conformance/case-files.ts'
import { mayDiffer, verdict } from '../../src/conformance/verdict.ts'

const cases = readCases([fileURLToPath(new URL('../conformance-cases', import.meta.url))])

test('all recorded cases are here', () => {
  expect(cases.length).toBe(475)
})

test.each(cases.map(({ file }) => [file.name, file] as const))('%s does what Java does', (_name, file) => {
  expect(verdict(file, { quirks: true })).toBeUndefined()
})

test('without java.quirks only cases with a tag that allows it give something else', () => {
  const differing = cases.filter(({ file }) => !mayDiffer(file) && verdict(file, { quirks: false }) !== undefined)
  expect(differing.map(({ file }) => file.name)).toEqual([])
})
