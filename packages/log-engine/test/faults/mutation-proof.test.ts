import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build, type Plugin } from 'vite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Mutation, mutations } from './mutations.ts'

/** `FAULT_MUTATIONS=all` proves all of them, which takes minutes; other text those whose name has it. */
const wanted = process.env['FAULT_MUTATIONS'] ?? 'sync segments'
const tried = mutations.filter(({ name }) => wanted === 'all' || name.includes(wanted))
const seeds = 12_000

let directory: string
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'mutations-'))
})
afterAll(() => rmSync(directory, { recursive: true }))

/** Bundles the model with the engine less one thing. */
async function bundleWith(mutation: Mutation, name: string): Promise<string> {
  const plugin: Plugin = {
    name: 'mutate',
    enforce: 'pre',
    transform(code, id) {
      if (!id.endsWith(`log-engine/src/${mutation.file}`)) return undefined
      if (code.split(mutation.search).length !== 2)
        throw new Error(`'${mutation.search}' is not once in ${mutation.file}`)
      return { code: code.replace(mutation.search, mutation.replace), map: null }
    },
  }
  const conditions = ['millrace-source', 'node']
  await build({
    configFile: false,
    logLevel: 'silent',
    plugins: [plugin],
    resolve: { conditions },
    ssr: { noExternal: true, resolve: { conditions } },
    build: {
      ssr: fileURLToPath(new URL('run-seeds.ts', import.meta.url)),
      outDir: directory,
      emptyOutDir: false,
      minify: false,
      rollupOptions: { output: { entryFileNames: `${name}.mjs`, format: 'es' } },
    },
  })
  return join(directory, `${name}.mjs`)
}

describe('the model notices when the engine does not', () => {
  it.each(tried)('$name', { timeout: 3_600_000 }, async (mutation) => {
    const script = await bundleWith(mutation, String(mutations.indexOf(mutation)))
    const { firstFailure } = (await import(pathToFileURL(script).href)) as typeof import('./run-seeds.ts')
    expect(await firstFailure(0, seeds)).toBeDefined()
  })
})
