import { randomInt } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { startLiveTable } from './app.ts'

const usage = `Counts votes and shows the result on a page that follows each change.

usage: npm run example -- live-table [--port PORT] [--dir DIR]

  --port PORT  of the page (default 8080; 0: one that is free)
  --dir DIR    where the log and the counts live (default .millrace/examples/live-table)
  --help       this text`

const options = ['tea', 'coffee', 'water', 'milk']

try {
  await main()
} catch (error) {
  console.error(`live-table: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`)
  process.exitCode = 1
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '8080' },
      dir: { type: 'string', default: '.millrace/examples/live-table' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    console.log(usage)
    return
  }
  const stopped = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopped.abort())
  const table = await startLiveTable(values.dir, Number(values.port))
  console.log(`Open ${table.url} and watch; Ctrl-C ends.`)
  while (!stopped.signal.aborted) {
    await table.vote(`voter-${randomInt(500)}`, options[randomInt(options.length)]!)
    await sleep(200, undefined, { signal: stopped.signal }).catch(() => undefined)
  }
  await table.close()
}
