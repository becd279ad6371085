import { fileURLToPath } from 'node:url'
import { build } from 'vite'

/** Makes one file of JavaScript of a program beside tests, which any Node can run; gives its path. */
export async function bundledMain(folder: URL, name: string): Promise<string> {
  const root = fileURLToPath(folder)
  const conditions = ['millrace-source', 'module', 'node', 'default']
  await build({
    configFile: false,
    logLevel: 'error',
    root,
    resolve: { conditions },
    ssr: { noExternal: true, external: ['classic-level'], resolve: { conditions } },
    build: { ssr: `${name}.ts`, outDir: 'dist', minify: false, target: 'node20' },
  })
  return `${root}dist/${name}.js`
}
