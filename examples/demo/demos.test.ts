import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'

// Each example that runs by `demo` prints what its page says.

const examples = join(import.meta.dirname, '..')
const demos = readdirSync(examples).filter((name) => {
  const main = join(examples, name, 'main.ts')
  return existsSync(main) && readFileSync(main, 'utf8').includes('await demo(')
})

let dir: string
let printed: readonly string[]

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'examples-'))
  vi.stubEnv('EXAMPLES_DIR', dir)
  const log = vi.spyOn(console, 'log').mockImplementation(() => undefined)
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
  await Promise.all(demos.map((name) => import(pathToFileURL(join(examples, name, 'main.ts')).href)))
  printed = log.mock.calls.map(([text]) => String(text))
  log.mockRestore()
  warn.mockRestore()
  vi.unstubAllEnvs()
}, 60_000)

afterAll(() => rmSync(dir, { recursive: true, force: true }))

test('there are at least twelve', () => {
  expect(demos.length).toBeGreaterThanOrEqual(12)
  expect(printed).toHaveLength(demos.length)
})

test.each(demos)('%s prints what its page says', (name) => {
  const page = readFileSync(join(examples, name, 'README.md'), 'utf8')
  const stated = /^```text\n(.*?)\n```$/ms.exec(page)?.[1]
  expect(stated).toBeDefined()
  expect(printed.map(sortedLines)).toContainEqual(sortedLines(stated!))
})

/** Results of different keys may come from different tasks, in any order. */
function sortedLines(text: string): string[] {
  return text.split('\n').sort()
}
