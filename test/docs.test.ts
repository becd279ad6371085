import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { docstringBlocks } from './docstring-blocks.ts'
import { files, root } from './repository.ts'

// Code in pages is true: every ```ts block compiles, and those that expect or print something are run; the examples in docstrings
// compile.
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

const pages = files(/\.md$/)
const blocks = pages.flatMap(({ path, text }) => blocksOf(path, text))
const docstrings = docstringBlocks().map(({ file, line, program }) => ({
  path: join('docstrings', `${file.replaceAll(/[/.]/g, '-')}-${line}.ts`),
  code: program,
}))
let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(root, 'test/.docs-'))
  for (const { path, code } of [...blocks, ...docstrings]) {
    mkdirSync(join(folder, path, '..'), { recursive: true })
    writeFileSync(join(folder, path), code)
  }
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      extends: '../../tsconfig.base.json',
      compilerOptions: { noEmit: true, composite: false, declaration: false, declarationMap: false, sourceMap: false },
      files: [...blocks, ...docstrings].map(({ path }) => path),
    }),
  )
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('there are blocks to check', () => {
  expect(blocks.filter(({ page }) => page === 'README.md').length).toBeGreaterThanOrEqual(2)
})

test('every block, and every example in a docstring, compiles', () => {
  expect(docstrings.length).toBeGreaterThan(20)
  expect(compile()).toEqual([])
})

test('no code stands in a block of another name, where nobody checks it', () => {
  const known = /^(ts|sh|text|json|)$/
  const strange = pages.flatMap(({ path, text }) =>
    [...text.matchAll(/^ *```(\S*).*?\n(.*?)^ *```$/gms)].flatMap(({ 1: name, 2: code, index }) => {
      // The reference is made by `npm run api`: declarations, and the examples of docstrings.
      if (name === 'typescript' && path.startsWith('docs/api/')) return []
      const isCode = name === '' && /^(import|export|const|npx|npm) /m.test(code!)
      return known.test(name!) && !isCode ? [] : [`${path}:${text.slice(0, index).split('\n').length}: ${name}`]
    }),
  )
  expect(strange).toEqual([])
})

test('JSON is JSON', () => {
  for (const { text } of pages) {
    for (const [, json] of text.matchAll(/^```json\n(.*?)^```$/gms)) expect(() => JSON.parse(json!)).not.toThrow()
  }
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
