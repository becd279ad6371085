import { runJob } from './job.ts'
import { readOptions, usage } from './options.ts'
import { streamOutput } from './output.ts'

const stop = new AbortController()
process.once('SIGINT', () => stop.abort())
process.once('SIGTERM', () => stop.abort())

try {
  const options = readOptions(process.argv.slice(2))
  if (options === undefined) console.log(usage)
  else await runJob(options, streamOutput(process.stdout), { signal: stop.signal })
} catch (error) {
  console.error(`flight-delays: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`)
  process.exitCode = 1
}
