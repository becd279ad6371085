import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { errorCodes } from '@millrace/kafka-protocol'
import { expect, test } from 'vitest'
import { files, paths, places, root } from './repository.ts'

// The style that no linter checks. Each finding is printed as `path:line`.

const sources = files(/^packages\/[^/]+\/src\/.*\.ts$/)
const code = files(/\.(ts|js|mjs|sh)$|^\.ci\/run$/)
const pages = files(/^(README|ARCHITECTURE|CONTRIBUTING)\.md$|^docs\/.*\.md$/)

const isComment = (line: string) => /^\s*(\/\/|\*|\/\*)/.test(line)

test('only time.ts, adapters and commands read clocks, set timers, draw random numbers or print', () => {
  const mayTouchTheWorld = (path: string) =>
    /\/(time|logger|main)\.ts$|\/(commands|cli|clients\/(embedded|native|kafkajs))\/|(node-file-system|directory-lock|socket-worker)\.ts$|output\.ts$/.test(
      path,
    )
  const world = /\bDate\.now\(|\bperformance\.now\(|(?<!\.)\bset(Timeout|Interval)\(|\bMath\.random\(|\bconsole\./
  expect(places(sources, world, (line, path) => mayTouchTheWorld(path) || isComment(line))).toEqual([])
})

test('names are exported one by one', () => {
  expect(places(code, /^export \* from/)).toEqual([])
})

test('other packages are imported statically, so that the linter sees it', () => {
  expect(places(sources, /\bimport\((?!'\.)/, isComment)).toEqual([])
})

test('nothing is left to do without an issue number', () => {
  expect(
    places(code, /\b(TODO|FIXME)\b/, (line, path) => /\(#\d+\)/.test(line) || path === 'test/tidy.test.ts'),
  ).toEqual([])
})

test('no test is skipped or runs alone', () => {
  expect(places(files(/\.test\.ts$/), /\b(test|it|describe)\.(skip|only|todo)\(/)).toEqual([])
})

test('there are no rooms without a subject', () => {
  expect(paths().filter((path) => /(^|\/)(utils?|common|helpers?|misc|internals?)\//.test(path))).toEqual([])
})

test('files are named in kebab-case', () => {
  const named = paths().filter((path) => /^(packages|examples|benchmarks|test)\/.*\.ts$/.test(path))
  expect(named.filter((path) => !/\/[a-z0-9-]+(\.(test|test-d|config|bench|fixture))*\.ts$/.test(path))).toEqual([])
})

test('the repository speaks of no particular machine', () => {
  const everything = files(/\.(ts|js|json|md|sh|ya?ml|toml)$|^\.(ci\/run|npmrc|gitignore)$/)
  const own = (line: string, path: string) =>
    path === 'package-lock.json' || path === 'test/tidy.test.ts' || line.length > 2000
  expect(places(everything, /(^|[\s"'`(=:])\/(work|root|home|Users)\/|\/tmp\/[a-z]/, own)).toEqual([])
})

test('every path that a page names exists', () => {
  const folders = '(?:packages|examples|benchmarks|docs|test|\\.ci)'
  const named = new RegExp(`\`(${folders}/[^\`\\s…*<>{}]+)\`|\\]\\((?!https?:|#)([^)\\s#]+)`, 'g')
  const missing = pages.flatMap(({ path, text }) =>
    [...text.matchAll(named)].flatMap(([, quoted, linked]) => {
      const target = quoted ?? join(path, '..', linked!)
      return existsSync(join(root, target)) ? [] : [`${path}: ${target}`]
    }),
  )
  expect(missing).toEqual([])
})

test('every example has its topology, its test and its page', () => {
  const folders = new Set(paths().flatMap((path) => /^examples\/([^/]+)\//.exec(path)?.[1] ?? []))
  // `demo` runs the others.
  const examples = [...folders].filter((name) => name !== 'demo')
  const missing = examples.flatMap((name) =>
    ['topology.ts', 'main.ts', 'topology.test.ts', 'README.md']
      .map((file) => `examples/${name}/${file}`)
      .filter((path) => !existsSync(join(root, path))),
  )
  expect(missing).toEqual([])
})

test('every error code of our own has its line in docs/errors.md, and every line its code', () => {
  // Classes with one code; the codes listed as a type; those which client adapters give beside Kafka's own.
  const declaration =
    /\bcode(?::[^=]+)? = '([A-Z_]+)'|^ {2}\| '((?:LOG|CLIENT)_[A-Z_]+)'$|new ClientError\(\s*'([A-Z_]+)'/gm
  const declared = sources.flatMap(({ text }) =>
    [...text.matchAll(declaration)].flatMap(([, one, listed, given]) => one ?? listed ?? given ?? []),
  )
  const page = pages.find(({ path }) => path === 'docs/errors.md')?.text ?? ''
  const described = [...page.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, name]) => name!)
  // A name of Kafka's own may have a line, where a class of ours has it.
  const isOurs = (name: string) => !(name in errorCodes)
  expect(sorted(described.filter(isOurs))).toEqual(sorted(declared.filter(isOurs)))
})

function sorted(names: readonly string[]): readonly string[] {
  return [...new Set(names)].sort()
}
