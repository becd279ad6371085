import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'

// The import rules of ARCHITECTURE.md are written in biome.json and checked by `npm run lint`.
// Here violations are planted in a copy of the tree's shape, to show that the linter catches them. It does not see
// dynamic imports; tidy.test.ts forbids those.

const root = fileURLToPath(new URL('..', import.meta.url))
const biome = join(root, 'node_modules/@biomejs/biome/bin/biome')

const forbidden: readonly (readonly [file: string, code: string])[] = [
  ['packages/kafka-protocol/src/a.ts', "import '@millrace/serdes'"],
  ['packages/serdes/src/a.ts', "import '@millrace/state-stores'"],
  ['packages/state-stores/src/engine/a.ts', "import '@millrace/log-engine'"],
  ['packages/log-engine/src/log/a.ts', "import type { Serde } from '@millrace/serdes'\nexport type A = Serde<string>"],
  ['packages/log-engine/src/b.ts', "export { StreamsBuilder } from 'millrace'"],
  ['packages/schema-registry/src/rest/a.ts', "import '@millrace/serdes/schema-registry'"],
  ['packages/schema-registry/src/b.ts', "import '@millrace/broker'"],
  ['packages/streams-core/src/runtime/a.ts', "import '@millrace/log-engine'"],
  ['packages/streams-core/src/clients/native/a.ts', "import '@millrace/log-engine'"],
  ['packages/streams-core/src/clients/group/a.ts', "import '@millrace/kafka-client'"],
  ['packages/streams-core/src/dsl/a.ts', "import '../runtime/stream-task.ts'"],
  ['packages/streams-core/src/dsl/b.ts', "import '../kafka-streams.ts'"],
  ['packages/streams-core/src/topology/a.ts', "import '../clients/consumer.ts'"],
  ['packages/streams-core/src/topology/b.ts', "import '../dsl/kstream.ts'"],
  ['packages/streams-core/src/processors/foreign-key-join/a.ts', "import '../../runtime/stream-task.ts'"],
  ['packages/streams-core/src/state/a.ts', "import '../dsl/materialized.ts'"],
  ['packages/testkit/src/a.ts', "import 'millrace'"],
  ['packages/streams-core/src/runtime/b.ts', "import '@millrace/edges/rxjs'"],
  ['packages/edges/src/streams/a.ts', "import '@millrace/log-engine'"],
  ['packages/edges/src/streams/b.ts', "import { Observable } from 'rxjs'\nexport const a = new Observable()"],
  ['packages/edges/src/monitoring/a.ts', "import '@opentelemetry/api'"],
  ['packages/edges/src/rxjs/a.ts', "import '@opentelemetry/api'"],
  ['packages/edges/src/opentelemetry/a.ts', "import '../rxjs/observe.ts'"],
  ['examples/word-count/a.ts', "import '../../packages/serdes/src/serdes.ts'"],
]

const allowed: readonly (readonly [file: string, code: string])[] = [
  ['packages/log-engine/src/c.ts', "import '@millrace/kafka-protocol'"],
  ['packages/schema-registry/src/c.ts', "import '@millrace/log-engine'\nimport '@millrace/kafka-client'"],
  ['packages/streams-core/src/dsl/c.ts', "import '../topology/graph-node.ts'\nimport '@millrace/serdes'"],
  ['packages/streams-core/src/runtime/c.ts', "import '../topology/topology.ts'\nimport '../clients/consumer.ts'"],
  [
    'packages/streams-core/src/clients/embedded/a.ts',
    "import '@millrace/log-engine'\nimport '@millrace/kafka-protocol'",
  ],
  ['packages/streams-core/src/clients/native/c.ts', "import '@millrace/kafka-client'"],
  ['packages/streams-core/src/clients/group/c.ts', "import '@millrace/kafka-client/group'"],
  ['packages/testkit/src/c.ts', "import '@millrace/streams-core'"],
  ['packages/edges/src/rxjs/c.ts', "import 'rxjs'\nimport '../streams/input-edge.ts'\nimport '@millrace/streams-core'"],
  ['packages/edges/src/opentelemetry/c.ts', "import '@opentelemetry/api'"],
  ['examples/word-count/c.ts', "import 'millrace'"],
]

const floatingPromise: readonly (readonly [file: string, code: string])[] = [
  [
    'packages/log-engine/src/floating.ts',
    "import { flush } from './flush.ts'\nexport function close(): void {\n  flush()\n}",
  ],
  ['packages/log-engine/src/flush.ts', 'export async function flush(): Promise<void> {}'],
]

let folder: string
let findings: readonly { readonly rule: string; readonly file: string }[]

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'import-rules-'))
  for (const file of ['biome.json', '.gitignore']) copyFileSync(join(root, file), join(folder, file))
  for (const [file, code] of [...forbidden, ...allowed, ...floatingPromise]) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), `${code}\n`)
  }
  findings = lint(folder)
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

test.each(forbidden)('%s: %s is refused', (file) => {
  expect(findings).toContainEqual({ rule: 'lint/style/noRestrictedImports', file })
})

test.each(allowed)('%s: %s is allowed', (file) => {
  expect(findings.filter((finding) => finding.file === file && finding.rule.includes('Imports'))).toEqual([])
})

test('a promise that nobody awaits is refused, across files too', () => {
  const file = 'packages/log-engine/src/floating.ts'
  expect(findings).toContainEqual({ rule: 'lint/nursery/noFloatingPromises', file })
})

function lint(cwd: string) {
  const args = [biome, 'lint', '--reporter=json', '--max-diagnostics=none', '.']
  const { stdout } = run(args, cwd)
  const report = JSON.parse(stdout) as {
    diagnostics: { category: string; location: { path: string | { file: string } } }[]
  }
  return report.diagnostics.map(({ category, location }) => ({
    rule: category,
    file: typeof location.path === 'string' ? location.path : location.path.file,
  }))
}

/** The linter exits with 1 when it finds something. */
function run(args: readonly string[], cwd: string): { readonly stdout: string } {
  try {
    return {
      stdout: execFileSync(process.execPath, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
    }
  } catch (error) {
    return { stdout: (error as { stdout: string }).stdout }
  }
}
