import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { TopologyChange } from '@millrace/streams-core/internal'
import { startWorker } from '../workers/worker-handle.ts'
import { oneWord, parseArguments } from './arguments.ts'
import { type Command, UsageError } from './command.ts'
import { printRows } from './table.ts'

export const planCommand: Command = {
  usage: `usage: millrace plan APP [--check] [--json]

Compares the topology of an application with what its last run has left: in its state directory, and in its log or on its
cluster. Names each store and internal topic that would be kept, created or orphaned, or that is in the way (conflict).
Nothing is started, and nothing is changed.

  APP       the application's file, one that calls run(topology, settings); it is executed up to that call. A file of
            TypeScript needs a Node that runs it, or a loader: NODE_OPTIONS='--import tsx'
  --check   exit with 1 when something is orphaned or in the way
  --json    print JSON`,

  async run(args, io) {
    const parsed = parseArguments(args, { check: { type: 'boolean' }, json: { type: 'boolean' } })
    const file = resolve(oneWord(parsed.words, 'APP'))
    if (!existsSync(file)) throw new UsageError(`there is no ${file}`)
    const changes = await planOf(file, io.stopped)
    printRows(
      changes.map(({ change, kind, name, note }) => ({ change, kind, name, note })),
      io,
      parsed.flag('json'),
    )
    const isClean = changes.every(({ change }) => change === 'kept' || change === 'created')
    return parsed.flag('check') && !isClean ? 1 : 0
  },
}

/** Executes the file up to its call of `run`, in a process of its own. @throws Error when it does not come to that */
function planOf(file: string, stopped: AbortSignal): Promise<readonly TopologyChange[]> {
  return new Promise((resolvePlan, reject) => {
    let failure = `${file} ended without a call of run(topology, settings)`
    const worker = startWorker('process', {
      file: pathToFileURL(file),
      identity: { number: 1, count: 1, isPlanning: true },
      args: [],
      env: process.env,
      execArgv: process.execArgv,
      onMessage(message) {
        if (message.kind === 'plan') resolvePlan(message.plan as readonly TopologyChange[])
        if (message.kind === 'failed') failure = message.message
      },
      onExit: () => reject(new Error(failure)),
    })
    stopped.addEventListener('abort', () => worker.kill(), { once: true })
  })
}
