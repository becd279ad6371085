import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { readCases } from '../../src/conformance/case-files.ts'
import { mayDiffer, verdict } from '../../src/conformance/verdict.ts'

const cases = readCases([fileURLToPath(new URL('../conformance-cases', import.meta.url))])

test('all recorded cases are here', () => {
  expect(cases.length).toBe(543)
})

test.each(cases.map(({ file }) => [file.name, file] as const))('%s does what Java does', (_name, file) => {
  expect(verdict(file, { quirks: true })).toBeUndefined()
})

test('without java.quirks only cases with a tag that allows it give something else, and docs/compatibility.md names them', () => {
  const page = readFileSync(new URL('../../../../docs/compatibility.md', import.meta.url), 'utf8')
  const differing = cases.filter(({ file }) => verdict(file, { quirks: false }) !== undefined).map(({ file }) => file)
  expect(differing.filter((file) => !mayDiffer(file)).map(({ name }) => name)).toEqual([])
  expect(differing.filter(({ name }) => !page.includes(`\`${name}\``)).map(({ name }) => name)).toEqual([])
})
