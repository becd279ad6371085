import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { RecordBatchBuilder } from '@millrace/kafka-protocol'
import { LogEngine } from '@millrace/log-engine'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bundledMain } from '../bundled-main.ts'
import { committedOffset, mostInstances, number, partitions, stateFolder, word } from '../kills/application.ts'
import { faultsOf, type Input } from '../kills/faults.ts'
import type { Phase } from '../kills/kill-points.ts'
import { seededRandom } from '../kills/seeded-random.ts'

// An application with stores is killed with SIGKILL at aimed moments, again and again on the same folder, and after each kill
// its stores, snapshots, changelogs and committed output are compared with a model. KILL_ROUNDS: how many kills;
// KILL_SEED chooses the moments and the records.

const rounds = Number(process.env['KILL_ROUNDS'] ?? 20)
const seed = Number(process.env['KILL_SEED'] ?? 1)
/** Where this application can die: it is alone in its group. */
const phases = [
  'open-transaction',
  'after-commit',
  'store-batch',
  'restore',
  'snapshot',
] as const satisfies readonly Phase[]
type KillPhase = (typeof phases)[number]
/** Kills of one application before the next one begins on an empty folder. */
const roundsPerFolder = 5
/** Records that a partition has to process in a round, at least. */
const recordsPerRound = 150

let folder: string
let main: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-'))
  main = await bundledMain(new URL('../kills/', import.meta.url), 'killed-main')
}, 60_000)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

test(`stores, changelogs and output agree after ${rounds} kills (KILL_SEED=${seed})`, {
  timeout: 60_000 + rounds * 5_000,
}, async () => {
  const random = seededRandom(seed)
  const below = (limit: number) => Math.floor(random() * limit)
  const kills: Record<KillPhase, number> = {
    'open-transaction': 0,
    'after-commit': 0,
    'store-batch': 0,
    restore: 0,
    snapshot: 0,
  }
  let unhit = 0
  let halfMade = 0
  for (let killed = 0; killed < rounds; ) {
    const dir = join(folder, `from-${killed}`)
    const inputs: Input[][] = Array.from({ length: partitions }, () => [])
    const story: string[] = []
    // Every other application is two instances, which keep copies of one another's stores.
    const instances = String(1 + ((killed / roundsPerFolder) % mostInstances))
    await feed(dir, inputs, below)
    const end = Math.min(rounds, killed + roundsPerFolder)
    while (killed < end) {
      const phase = phases.reduce((least, other) => (kills[other] < kills[least] ? other : least))
      const turns = phase === 'snapshot' ? below(60) : below(4)
      const args = [phase, String(1 + below(3)), String(turns), instances]
      // A restore needs something that is lost: the local state, or that and the snapshots.
      const states = Array.from({ length: mostInstances }, (_, instance) => stateFolder(instance))
      const lost = phase === 'restore' ? (random() < 0.5 ? states : [...states, 'snapshots']) : []
      for (const name of lost) rmSync(join(dir, name), { recursive: true, force: true })
      story.push([...args, ...lost].join(' '))
      const died = await run(dir, args)
      if (died === undefined) unhit += 1
      else {
        kills[died] += 1
        killed += 1
        if (died === 'snapshot' && hasHalfMadeSnapshot(dir)) halfMade += 1
      }
      await check(dir, inputs, story, instances)
      await feed(dir, inputs, below)
    }
    expect(await run(dir, ['none', '0', '0', instances]), story.join(', ')).toBeUndefined()
    await check(dir, inputs, [...story, 'to the end'], instances)
    rmSync(dir, { recursive: true, force: true })
  }
  const others = `half-made snapshots left: ${halfMade}; runs that ended before their kill: ${unhit}`
  process.stdout.write(`kills by phase: ${JSON.stringify(kills)}; ${others}\n`)
  for (const phase of phases) expect(kills[phase], phase).toBeGreaterThan(0)
})

/** Runs the application to its kill, and gives its phase; undefined when it ended by itself. */
async function run(dir: string, args: readonly string[]): Promise<KillPhase | undefined> {
  const note = join(dir, 'killed-in')
  rmSync(note, { force: true })
  const child = spawn(process.execPath, [main, dir, ...args], {
    stdio: ['ignore', 'inherit', 'pipe'],
  })
  let errors = ''
  child.stderr.on('data', (chunk) => {
    errors += String(chunk)
  })
  const [code, signal] = await once(child, 'close')
  if (signal === 'SIGKILL') return readFileSync(note, 'utf8') as KillPhase
  expect({ code, signal, errors, hasNote: existsSync(note) }).toMatchObject({ code: 0, hasNote: false })
  return undefined
}

async function check(
  dir: string,
  inputs: readonly (readonly Input[])[],
  story: readonly string[],
  instances: string,
): Promise<void> {
  const log = await LogEngine.open({ dir: join(dir, 'log') })
  try {
    // The open transaction of one instance hides what another has committed behind it.
    if (instances !== '1') {
      for (const { transactionalId } of log.listTransactions()) await log.initProducerId({ transactionalId })
    }
    expect(await faultsOf(dir, log, inputs), story.join(', ')).toEqual([])
  } finally {
    await log.close()
  }
}

function hasHalfMadeSnapshot(dir: string): boolean {
  return readdirSync(join(dir, 'snapshots'), { recursive: true }).some((path) => String(path).endsWith('.new'))
}

/** Appends input until each partition has enough to do; creates the topics of a new folder. */
async function feed(dir: string, inputs: Input[][], below: (limit: number) => number): Promise<void> {
  const log = await LogEngine.open({ dir: join(dir, 'log') })
  try {
    for (const name of ['words', 'counts-out', 'sums-out'])
      if (log.describeTopic(name) === undefined) log.createTopic({ name, partitions })
    for (const [partition, records] of inputs.entries()) {
      const missing = recordsPerRound - (records.length - committedOffset(log, partition))
      if (missing <= 0) continue
      const batch = new RecordBatchBuilder()
      for (let i = 0; i < missing; i += 1) {
        const input = { word: `word-${partition}-${below(40)}`, value: below(1000) }
        records.push(input)
        batch.append(1000 + records.length, word.serialize('', input.word), number.serialize('', input.value))
      }
      log.append({ topic: 'words', partition }, batch.build())
    }
  } finally {
    await log.close()
  }
}
