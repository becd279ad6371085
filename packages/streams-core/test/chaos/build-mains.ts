import { fileURLToPath } from 'node:url'
import { build } from 'vite'

/** Bundles the programs that chaos tests start as processes of their own, and gives where they are. */
export async function buildMains(): Promise<(name: 'worker-main' | 'broker-main') => string> {
  const root = fileURLToPath(new URL('.', import.meta.url))
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
      outDir: 'dist',
      minify: false,
      target: 'node20',
    },
  })
  return (name) => `${root}dist/${name}.js`
}
