import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { LogEngine } from 'millrace/embedded'
import { withBroker } from '../compare/peer-broker.ts'
import { feed, fillChangelog } from './fill-changelog.ts'
import { type RestoreTarget, restoredTable, startRestored } from './restored-application.ts'

/** What is measured. */
export interface RestoreOptions {
  readonly keys: number
  readonly rounds: number
  /** Where the peers are; undefined: without them. */
  readonly peers: string | undefined
}

const targets: readonly (readonly [RestoreTarget, 'memory' | 'rocksdb'])[] = [
  ['memory', 'memory'],
  ['persistent', 'rocksdb'],
  ['persistent-snapshot', 'rocksdb'],
  ['memory-snapshot', 'memory'],
]

/** Records that are in the changelog and not in the store when the application starts after a crash. */
const tail = 1000

/** Restores one table from its changelog in every way, in turn with Java's where it is installed. One line each. */
export async function measureRestore({ keys, rounds, peers }: RestoreOptions): Promise<void> {
  const java = await javaSeconds(keys, rounds, peers)
  const dir = mkdtempSync(join(tmpdir(), 'millrace-bench-'))
  try {
    await prepare(dir, keys)
    for (const [target, store] of targets) {
      const seconds: number[] = []
      for (let round = 0; round < rounds; round += 1) seconds.push(await pass(dir, target))
      const best = Math.min(...seconds)
      const theirs = java.get(store)
      const ratio = theirs === undefined ? '' : `, ${(best / theirs).toFixed(2)} of Java's ${theirs.toFixed(2)} s`
      say(
        `${target}: ${keys} keys in ${best.toFixed(2)} s (of ${seconds.map((each) => each.toFixed(2)).join(', ')})${ratio}`,
      )
    }
    for (let round = 0; round < rounds; round += 1) await crash(dir)
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

async function prepare(dir: string, keys: number): Promise<void> {
  const log = await LogEngine.open({ dir: join(dir, 'log') })
  const { input, changelog, partitions } = restoredTable
  log.createTopic({ name: input, partitions })
  log.createTopic({ name: changelog, partitions, configs: { 'cleanup.policy': 'compact' } })
  await fillChangelog(log, 0, keys)
  await log.close()
}

/** Seconds from start() to RUNNING, on an empty state directory. */
async function pass(dir: string, target: RestoreTarget): Promise<number> {
  const log = await LogEngine.open({ dir: join(dir, 'log') })
  const home = join(dir, target)
  try {
    if (target.endsWith('snapshot') && !existsSync(join(home, 'snapshots'))) {
      const first = await startRestored(log, target, home)
      await feed(log, restoredTable.partitions)
      const snapshots = join(home, 'snapshots', restoredTable.applicationId)
      const tasks = Array.from({ length: restoredTable.partitions }, (_, partition) =>
        join(snapshots, `0_${partition}/1`),
      )
      while (!tasks.every((path) => existsSync(path))) await new Promise((resolve) => setImmediate(resolve))
      await first.streams.close()
    }
    rmSync(join(home, 'state'), { recursive: true, force: true })
    const { streams, startToRunningSeconds } = await startRestored(log, target, home)
    await streams.close()
    return startToRunningSeconds
  } finally {
    await log.close()
    rmSync(join(home, 'state'), { recursive: true, force: true })
  }
}

/** Kills the application, adds a tail to the changelog as a lost store batch leaves it, and starts again. */
async function crash(dir: string): Promise<void> {
  await child(dir, ['crash', String(tail)], true)
  const log = await LogEngine.open({ dir: join(dir, 'log') })
  await fillChangelog(log, 0, tail)
  await log.close()
  const { records, seconds } = JSON.parse(await child(dir, ['restart'], false)) as { records: number; seconds: number }
  say(
    `restart after kill -9, a tail of ${tail}: ${seconds.toFixed(2)} s from the start of the process, ${records} records read`,
  )
}

async function child(dir: string, args: readonly string[], mustDie: boolean): Promise<string> {
  const main = fileURLToPath(new URL('./crashed-main.js', import.meta.url))
  const running = spawn(process.execPath, [main, dir, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  running.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString()
    if (mustDie && text.includes('\n')) running.kill('SIGKILL')
  })
  const [code, signal] = (await once(running, 'close')) as [number | null, string | null]
  if (mustDie ? signal !== 'SIGKILL' : code !== 0)
    throw new Error(`The application ended with ${code ?? signal}: ${text}`)
  return text
}

/** Java's seconds from start() to RUNNING, by its store; empty without peers. */
async function javaSeconds(
  keys: number,
  rounds: number,
  peers: string | undefined,
): Promise<ReadonlyMap<string, number>> {
  const found = new Map<string, number>()
  if (peers === undefined || !existsSync(join(peers, 'run-java-restore'))) return found
  const broker = withBroker(peers, undefined)
  if (broker === undefined) return found
  try {
    for (const store of ['memory', 'rocksdb']) {
      const args = ['--store', store, '--keys', String(keys), '--repeat', String(rounds)]
      const text = await output(join(peers, 'run-java-restore'), args, broker.bootstrap)
      const passes = text
        .split('\n')
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line))
      const seconds = passes.map((each) => Number(each.startToRunningSeconds))
      found.set(store, Math.min(...seconds))
      say(
        `java ${store}: ${keys} keys in ${Math.min(...seconds).toFixed(2)} s (of ${seconds.map((each) => each.toFixed(2)).join(', ')})`,
      )
    }
    return found
  } finally {
    broker.stop()
  }
}

async function output(command: string, args: readonly string[], bootstrap: string): Promise<string> {
  const running = spawn(command, args, {
    env: { ...process.env, BOOTSTRAP: bootstrap },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  let text = ''
  running.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString()
  })
  await once(running, 'close')
  return text
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
