import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { files, root } from './repository.ts'

// Code in README.md and docs/ is true: every ```ts block compiles, and those that expect or print something are run.
//
// A block may begin with `// name.ts`; blocks of one page then find each other by that name. A printed line is stated
// behind the statement that prints it, as `// → text`.

/** A test within a test is not allowed: its body is run instead. */
const asPlainCode = `import { expect } from 'vitest'
const test = (_name: string, body: () => void) => body()`

interface Block {
  readonly page: string
  /** Path below the generated folder. */
  readonly path: string
  readonly line: number
  readonly code: string
}

const pages = files(/^(README|ARCHITECTURE|CONTRIBUTING)\.md$|^docs\/.*\.md$|^examples\/[^/]+\/README\.md$/)
const blocks = pages.flatMap(({ path, text }) => blocksOf(path, text))
let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(root, 'test/.docs-'))
  for (const { path, code } of blocks) {
    mkdirSync(join(folder, path, '..'), { recursive: true })
    writeFileSync(join(folder, path), code)
  }
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      extends: '../../tsconfig.base.json',
      compilerOptions: { noEmit: true, composite: false, declaration: false, declarationMap: false, sourceMap: false },
      files: blocks.map(({ path }) => path),
    }),
  )
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('there are blocks to check', () => {
  expect(blocks.filter(({ page }) => page === 'README.md').length).toBeGreaterThanOrEqual(2)
})

test('every block compiles', () => {
  expect(compile()).toEqual([])
})

test.each(blocks.filter(isRun).map((block) => [`${block.page}:${block.line}`, block] as const))(
  '%s does what it says',
  async (_place, { path, code }) => {
    const printed: string[] = []
    const log = vi.spyOn(console, 'log').mockImplementation((...values) => printed.push(values.map(String).join(' ')))
    const file = join(folder, path.replace(/\.ts$/, '.run.ts'))
    writeFileSync(file, code.replace("import { expect, test } from 'vitest'", asPlainCode))
    try {
      await import(file)
    } finally {
      log.mockRestore()
    }
    expect(printed).toEqual([...code.matchAll(/\/\/ → (.*)$/gm)].map(([, text]) => text))
  },
)

function blocksOf(page: string, text: string): Block[] {
  return [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map(({ 1: code, index }, i) => {
    const name = /^\/\/ ([\w.-]+\.ts)\n/.exec(code!)?.[1] ?? `block-${i}.ts`
    const line = text.slice(0, index).split('\n').length
    return { page, path: join(page.replaceAll(/[/.]/g, '-'), name), line, code: `${code!}export {}\n` }
  })
}

function isRun({ code }: Block): boolean {
  return /\bexpect\(/.test(code) || /\/\/ → /.test(code)
}

/** What the compiler says, with the pages' own places in it. */
function compile(): readonly string[] {
  try {
    execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder, '--pretty', 'false'], {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    return []
  } catch (error) {
    return (error as { stdout: string }).stdout.trim().split('\n')
  }
}
