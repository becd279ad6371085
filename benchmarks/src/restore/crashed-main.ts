// Runs the restored application in a process of its own, for a crash and for the restart after it:
//
//   node crashed-main.js DIR crash RECORDS   restores, processes so many records, says so, and waits to be killed
//   node crashed-main.js DIR restart         says how long it took from the start of the process to RUNNING, and ends

import { join } from 'node:path'
import { LogEngine } from 'millrace/embedded'
import { feed } from './fill-changelog.ts'
import { startRestored } from './restored-application.ts'

const [dir = '', role, count = '0'] = process.argv.slice(2)
const log = await LogEngine.open({ dir: join(dir, 'log') })
const { streams, records } = await startRestored(log, 'persistent', dir)
if (role === 'restart') {
  process.stdout.write(`${JSON.stringify({ records, seconds: process.uptime() })}\n`)
  await streams.close()
  await log.close()
} else {
  await feed(log, Number(count))
  const lags = () => streams.metadataForLocalThreads().flatMap(({ activeTasks }) => activeTasks)
  const isDone = () =>
    lags().every(({ committedOffsets, endOffsets }) =>
      [...endOffsets].every(([partition, end]) => end > 0 && committedOffsets.get(partition) === end),
    )
  while (!isDone()) await new Promise((resolve) => setImmediate(resolve))
  process.stdout.write('processed\n')
  setInterval(() => {}, 1000)
}
