import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'vite'

const here = fileURLToPath(new URL('.', import.meta.url))

/** Makes one file of JavaScript of an application beside this one, which any Node can run. */
export async function builtApp(name: string): Promise<URL> {
  const conditions = ['millrace-source', 'module', 'node', 'default']
  await build({
    configFile: false,
    logLevel: 'error',
    root: here,
    resolve: { conditions },
    ssr: { noExternal: true, external: ['classic-level'], resolve: { conditions } },
    build: { ssr: `${name}.ts`, outDir: `dist/${name}`, minify: false, target: 'node20' },
  })
  return pathToFileURL(`${here}dist/${name}/${name}.js`)
}
