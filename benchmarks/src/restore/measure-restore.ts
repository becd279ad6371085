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

/** Restores one table from its changelog in every way, each time after Java where it is installed. One line each. */
export async function measureRestore({ keys, rounds, peers }: RestoreOptions): Promise<void> {
  const program = peers === undefined ? undefined : join(peers, 'run-java-restore')
  const broker = program !== undefined && existsSync(program) ? withBroker(peers, undefined) : undefined
  const dir = mkdtempSync(join(tmpdir(), 'millrace-bench-'))
  try {
    await prepare(dir, keys)
    for (const [target, store] of targets) {
      const [ours, theirs]: [number[], number[]] = [[], []]
      for (let round = 0; round < rounds; round += 1) {
        if (broker !== undefined) theirs.push(await javaSeconds(program!, broker.bootstrap, store, keys))
        ours.push(await pass(dir, target))
      }
      const ratio = Math.min(...ours) / Math.min(...theirs)
      const beside = theirs.length === 0 ? '' : `; Java, ${store}: ${shown(theirs)} s; ratio ${ratio.toFixed(2)}`
      say(`${target}: ${keys} keys in ${shown(ours)} s${beside}`)
    }
    for (let round = 0; round < rounds; round += 1) await crash(dir)
  } finally {
    broker?.stop()
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

/** Java's seconds from start() to RUNNING: the better of two passes in one process. */
async function javaSeconds(program: string, bootstrap: string, store: string, keys: number): Promise<number> {
  const args = ['--store', store, '--keys', String(keys), '--repeat', '2']
  const running = spawn(program, args, {
    env: { ...process.env, BOOTSTRAP: bootstrap },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  let text = ''
  running.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString()
  })
  await once(running, 'close')
  const passes = text.split('\n').filter((line) => line.startsWith('{'))
  if (passes.length === 0) throw new Error(`Java gave no result: ${text.slice(-300)}`)
  return Math.min(...passes.map((line) => Number(JSON.parse(line).startToRunningSeconds)))
}

function shown(seconds: readonly number[]): string {
  return seconds.map((each) => each.toFixed(2)).join(', ')
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
