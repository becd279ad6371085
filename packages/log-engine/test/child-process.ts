import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

/** Bundles a module of this folder into `directory` as JavaScript, which a process of its own can run. */
export async function bundle(name: string, directory: string): Promise<string> {
  await build({
    configFile: false,
    logLevel: 'silent',
    root: fileURLToPath(new URL('.', import.meta.url)),
    resolve: { conditions: ['millrace-source', 'node'] },
    ssr: { noExternal: true, resolve: { conditions: ['millrace-source', 'node'] } },
    build: {
      ssr: fileURLToPath(new URL(`${name}.ts`, import.meta.url)),
      outDir: directory,
      emptyOutDir: false,
      minify: false,
      rollupOptions: { output: { entryFileNames: `${name}.mjs`, format: 'es' } },
    },
  })
  return join(directory, `${name}.mjs`)
}

/** Starts a bundled module with an argument, and waits until it says something. */
export async function start(script: string, argument: string): Promise<ChildProcess> {
  const child = fork(script, [argument])
  await new Promise((resolve, reject) => {
    child.once('message', resolve)
    child.once('exit', (code) => reject(new Error(`${script} ended with code ${code}`)))
  })
  return child
}

/** Ends a process at once, as `kill -9` does. */
export async function kill(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await ended
}
