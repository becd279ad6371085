import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

/** Programs that chaos tests start as processes of their own. */
export interface Mains {
  path(name: 'worker-main' | 'broker-main'): string
  remove(): void
}

/** Bundles the programs. */
export async function buildMains(): Promise<Mains> {
  const root = fileURLToPath(new URL('.', import.meta.url))
  // Under the packages, so that what is not bundled is found; for each run its own, so that two do not meet.
  mkdirSync(join(root, 'dist'), { recursive: true })
  const outDir = mkdtempSync(join(root, 'dist', 'mains-'))
  const conditions = ['millrace-source', 'module', 'node', 'default']
  await build({
    configFile: false,
    logLevel: 'error',
    root,
    resolve: { conditions },
    ssr: { noExternal: true, external: ['classic-level'], resolve: { conditions } },
    build: {
      ssr: true,
      rollupOptions: { input: ['worker-main.ts', 'broker-main.ts'].map((name) => root + name) },
      outDir,
      minify: false,
      target: 'node20',
    },
  })
  return {
    path: (name) => join(outDir, `${name}.js`),
    remove: () => rmSync(outDir, { recursive: true, force: true }),
  }
}
