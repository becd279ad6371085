import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

// A package that only some users need is loaded by the entry that needs it, and by no other.

const entries: readonly (readonly [entry: string, needs: readonly string[]])[] = [
  ['index.ts', []],
  ['schema-registry.ts', []],
  ['standard-schema-serde.ts', []],
  ['avro.ts', ['avsc']],
  ['json-schema.ts', ['ajv', 'ajv/dist/2019.js', 'ajv/dist/2020.js']],
  ['message-pack-serde.ts', ['@msgpack/msgpack']],
  ['zod-serde.ts', []], // Types only.
]

test.each(entries)('%s loads %j', (entry, needs) => {
  const packages = new Set<string>()
  visit(new URL(`../src/${entry}`, import.meta.url), packages, new Set())
  expect([...packages].sort()).toEqual(needs)
})

/** Collects the packages that a file and all it imports load. */
function visit(file: URL, packages: Set<string>, seen: Set<string>): void {
  if (seen.has(file.href)) return
  seen.add(file.href)
  const imports = /^(?:import|export)(?! type) [^;]*? from '([^']+)'/gm
  for (const [, from] of readFileSync(file, 'utf8').matchAll(imports)) {
    if (from!.startsWith('.')) visit(new URL(from!, file), packages, seen)
    else packages.add(from!)
  }
}
