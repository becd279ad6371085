import { cpSync, rmSync } from 'node:fs'
import { type FileSystem, LogEngine, nodeFileSystem } from '@millrace/log-engine'
import { sampleBatch } from './sample-batch.ts'

const crashedPartitions = 50
const crashedBytes = 2 * 1024 * 1024 * 1024
const idlePartitions = 2000

/** Opens a log of 2 GB in 50 partitions as a crash has left it, and one of 2,000 partitions. */
export async function measureOpening(directory: string): Promise<void> {
  await measureCrash(directory)
  await measureMany(directory)
}

async function measureCrash(directory: string): Promise<void> {
  const batch = sampleBatch(600)
  const engine = await LogEngine.open({ dir: `${directory}/log`, flush: 'os' })
  engine.createTopic({ name: 't', partitions: crashedPartitions })
  for (let bytes = 0; bytes < crashedBytes; bytes += batch.length * crashedPartitions) {
    for (let partition = 0; partition < crashedPartitions; partition++) engine.append({ topic: 't', partition }, batch)
    await new Promise((resolve) => setImmediate(resolve))
  }
  cpSync(`${directory}/log`, `${directory}/crashed`, { recursive: true })
  rmSync(`${directory}/crashed/.lock`)
  await engine.close()
  cpSync(`${directory}/crashed`, `${directory}/restarted`, { recursive: true })
  await measureOpen('a process has died', `${directory}/crashed`, nodeFileSystem)
  await measureOpen('the machine has stopped', `${directory}/restarted`, { ...nodeFileSystem, bootId: 0n })
}

async function measureOpen(what: string, dir: string, fileSystem: FileSystem): Promise<void> {
  const start = process.hrtime.bigint()
  const cpuStart = process.cpuUsage()
  const engine = await LogEngine.open({ dir, flush: 'os', fileSystem })
  const seconds = Number(process.hrtime.bigint() - start) / 1e9
  const { user, system } = process.cpuUsage(cpuStart)
  process.stdout.write(
    `log opening after ${what}, 2 GB in ${crashedPartitions} partitions: ${seconds.toFixed(2)} s, ` +
      `of which the processor worked ${((user + system) / 1e6).toFixed(2)} s\n`,
  )
  await engine.close()
}

async function measureMany(directory: string): Promise<void> {
  const batch = sampleBatch(10)
  const before = process.memoryUsage().rss
  const engine = await LogEngine.open({ dir: `${directory}/many`, flush: 'os' })
  engine.createTopic({ name: 't', partitions: idlePartitions })
  for (let partition = 0; partition < idlePartitions; partition++) engine.append({ topic: 't', partition }, batch)
  await engine.close()
  const start = process.hrtime.bigint()
  const again = await LogEngine.open({ dir: `${directory}/many`, flush: 'os' })
  const seconds = Number(process.hrtime.bigint() - start) / 1e9
  for (let partition = 0; partition < idlePartitions; partition++) {
    again.append({ topic: 't', partition }, batch)
    again.fetch({ topic: 't', partition }, 0)
  }
  const megabytes = Math.round((process.memoryUsage().rss - before) / 1e6)
  process.stdout.write(`log opening, ${idlePartitions} partitions: ${seconds.toFixed(2)} s, ${megabytes} MB\n`)
  await again.close()
}
