import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { root } from '../repository.ts'

// What people install: every package is packed, and the tarballs are used in an empty project outside of this repository.

/** Packages that only some entries need: none comes by itself. */
const optional = ['kafkajs', 'rxjs', 'avsc', 'zod', 'vitest', 'ajv', '@opentelemetry/api', 'typescript']
const mostMegabytes = 15
/** What npm installs where it runs, and leaves out with `--omit=optional`: codecs of compression and CRC-32C by the processor. */
const codecs = ['snappy', '@napi-rs', 'lz4-napi', '@antoniomuso', '@bokuweb', '@node-rs']

let dir: string
let project: string
let packed: readonly { readonly file: string; readonly paths: readonly string[] }[]

function run(command: string, args: readonly string[], cwd: string): string {
  return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'packaging-'))
  run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-b', 'packages/millrace'], root)
  const workspaces = readdirSync(join(root, 'packages')).flatMap((name) => ['-w', `packages/${name}`])
  const answer = JSON.parse(run('npm', ['pack', '--json', '--pack-destination', dir, ...workspaces], root))
  const list: { filename: string; files: { path: string }[] }[] = Array.isArray(answer) ? answer : Object.values(answer)
  packed = list.map(({ filename, files }) => ({ file: join(dir, filename), paths: files.map(({ path }) => path) }))
  project = join(dir, 'project')
  mkdirSync(project)
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'project', private: true, type: 'module' }))
  run('npm', ['install', '--no-audit', '--no-fund', ...packed.map(({ file }) => file)], project)
})

afterAll(() => rmSync(dir, { recursive: true, force: true }))

test('only built code, the licence and a page are published', () => {
  for (const { file, paths } of packed) {
    const strange = paths.filter((path) => !/^(package\.json|README\.md|LICENSE)$|^dist\/.*\.(js|d\.ts)$/.test(path))
    expect([file, strange]).toEqual([file, []])
    expect(paths).toEqual(expect.arrayContaining(['package.json', 'README.md', 'LICENSE']))
    expect(paths.filter((path) => path.includes('.test.'))).toEqual([])
  }
})

test('publint and attw find nothing (the packages are for import, not for require)', async () => {
  for (const { file } of packed) {
    const bytes = Uint8Array.from(readFileSync(file))
    const { messages, pkg } = await publint({ pack: { tarball: bytes.buffer }, strict: true })
    expect([file, messages.map((message) => formatMessage(message, pkg))]).toEqual([file, []])
    const answer = await checkPackage(createPackageFromTarballData(bytes))
    const problems = (answer.types === false ? [] : answer.problems).filter(
      (problem) => !('resolutionKind' in problem && ['node10', 'node16-cjs'].includes(problem.resolutionKind)),
    )
    expect([file, answer.types !== false, problems]).toEqual([file, true, []])
  }
})

test('what only some entries need is not installed', () => {
  const installed = readdirSync(join(project, 'node_modules'))
  expect(optional.filter((name) => installed.includes(name.split('/')[0]!))).toEqual([])
})

test(`an install weighs less than ${mostMegabytes} MB`, () => {
  const modules = join(project, 'node_modules')
  const megabytes = weight(modules) / 1_000_000
  const ofCodecs = codecs.filter((name) => existsSync(join(modules, name))).map((name) => weight(join(modules, name)))
  const required = megabytes - ofCodecs.reduce((sum, bytes) => sum + bytes, 0) / 1_000_000
  console.log(`npm install millrace: ${required.toFixed(1)} MB, with the optional codecs ${megabytes.toFixed(1)} MB`)
  expect(megabytes).toBeLessThan(mostMegabytes)
})

test('a strict program compiles against the tarballs and runs', () => {
  // As in the page of the package, and a run on the log that comes with it.
  const page = readFileSync(join(root, 'packages/millrace/README.md'), 'utf8')
  writeFileSync(join(project, 'page.ts'), /^```ts\n(.*?)^```$/ms.exec(page)![1]!)
  const example = join(root, 'examples/word-count')
  for (const name of ['topology.ts', 'main.ts']) {
    const code = readFileSync(join(example, name), 'utf8').replace("'./topology.ts'", "'./topology.js'")
    writeFileSync(join(project, name), code)
  }
  writeFileSync(
    join(project, 'tsconfig.json'),
    JSON.stringify({
      compilerOptions: {
        strict: true,
        module: 'nodenext',
        target: 'es2022',
        lib: ['es2023'],
        skipLibCheck: false,
        outDir: 'out',
        types: ['node'],
        typeRoots: [join(root, 'node_modules/@types')],
      },
      files: ['page.ts', 'main.ts'],
    }),
  )
  run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', '.'], project)
  expect(run(process.execPath, ['out/page.js'], project)).toBe('2\n')
  writeFileSync(join(project, 'text'), 'to be or not to be\n')
  expect(run(process.execPath, ['out/main.js', 'text'], project)).toMatch(/^ +2 {2}to\n +2 {2}be\n/)
})

test('the command is there', () => {
  expect(run('npx', ['--no-install', 'millrace', '--help'], project)).toContain('broker')
})

test('entries that need nothing optional load without it', () => {
  const entries = Object.keys(JSON.parse(readFileSync(join(root, 'packages/millrace/package.json'), 'utf8')).exports)
  const loadable = entries.filter((entry) => !needsOptional(entry))
  const program = loadable.map((entry) => `await import('millrace${entry.slice(1)}')`).join('\n')
  writeFileSync(join(project, 'entries.js'), program)
  run(process.execPath, ['entries.js'], project)
  expect(loadable).toEqual(expect.arrayContaining(['.', './test', './embedded', './native', './broker', './queries']))
})

/** Entries named after what they need. */
function needsOptional(entry: string): boolean {
  return !['.', './test', './embedded', './native', './broker', './queries'].includes(entry)
}

function weight(path: string): number {
  if (!statSync(path).isDirectory()) return statSync(path).size
  return readdirSync(path).reduce((sum, name) => sum + weight(join(path, name)), 0)
}
