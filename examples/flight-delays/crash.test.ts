import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { readTopic } from 'millrace'
import { embeddedClientSupplier, LogEngine } from 'millrace/embedded'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bundledAirports, bundledFlights } from './flights-file.ts'
import { airports, delaysByState, flights } from './topology.ts'
import { expectedStateWeeks, faultsOf } from './verifier.ts'

// The job is killed with SIGKILL: at random moments, within an open transaction, and between a commit and the stores' batches; twenty
// times with `npm run test:long`. `CRASH_SEED` chooses the moments.

const here = fileURLToPath(new URL('.', import.meta.url))
const seed = Number(process.env['CRASH_SEED'] ?? 1)
const kills = process.env['LONG_TESTS'] === undefined ? 8 : 20
let folder: string

type Kill =
  | { readonly point: 'moment'; readonly ms: number }
  | { readonly point: 'open-transaction' | 'after-commit'; readonly commit: number }

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'flight-delays-'))
  execFileSync(process.execPath, [join(here, '../../node_modules/typescript/bin/tsc'), '-b', here])
}, 120_000)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

test(`${kills} kills leave no gap and no repeat (CRASH_SEED=${seed})`, { timeout: 240_000 }, async () => {
  const random = seededRandom(seed)
  const points = ['moment', 'open-transaction', 'moment', 'after-commit'] as const
  const hits = { moment: 0, 'open-transaction': 0, 'after-commit': 0 }
  let dir = join(folder, 'killed-0')
  let story: string[] = []
  const leastHits = () => Math.min(...Object.values(hits))
  for (let tried = 0, killed = 0; killed < kills || leastHits() < kills / 8; tried++) {
    const point = points[tried % points.length]!
    const kill: Kill =
      point === 'moment' ? { point, ms: random() * 600 } : { point, commit: 1 + Math.floor(random() * 3) }
    story.push(JSON.stringify(kill))
    const outcome = await run(dir, kill)
    if (outcome.signal === 'SIGKILL') {
      hits[point]++
      killed++
    } else {
      expect(outcome, story.join(' ')).toMatchObject({ code: 0, errors: '' })
      expect(await faults(dir), story.join(' ')).toEqual([])
      dir = join(folder, `killed-${tried}`)
      story = []
    }
  }
  expect(await run(dir), story.join(' ')).toMatchObject({ code: 0, errors: '' })
  expect(await faults(dir), story.join(' ')).toEqual([])

  const again = await run(dir)
  expect(again).toMatchObject({ code: 0, output: expect.stringContaining('nothing was done') })
  expect(again.output).toContain('RI     2001-02-01                1      390.0 min')
  expect(await faults(dir)).toEqual([])
})

test('SIGINT ends the job after a last commit; the next start goes on', { timeout: 60_000 }, async () => {
  const dir = join(folder, 'interrupted')
  const stopped = await run(dir, { point: 'moment', ms: 200 }, 'SIGINT')
  expect(stopped.code).toBe(0)
  await run(dir)
  expect(await faults(dir)).toEqual([])
})

test('a folder in use, a wrong option and a missing file are one line and exit code 1', {
  timeout: 60_000,
}, async () => {
  const dir = join(folder, 'busy')
  const log = await LogEngine.open({ dir: join(dir, 'log') })
  try {
    expect(await run(dir)).toMatchObject({ code: 1, errors: expect.stringMatching(/^flight-delays: .*busy.*\n$/) })
  } finally {
    await log.close()
  }
  expect(await start(['dist/main.js', '--nope']).done).toMatchObject({
    code: 1,
    errors: expect.stringMatching(/^flight-delays: .*--nope.*\n$/),
  })
  expect(await start(['dist/main.js', '--flights', 'nope.json']).done).toMatchObject({
    code: 1,
    errors: expect.stringMatching(/^flight-delays: .*nope\.json.*\n$/),
  })
})

/** One run of the job in a folder; killed where that is wanted and it does not end before. */
async function run(dir: string, kill?: Kill, signal: NodeJS.Signals = 'SIGKILL') {
  const script =
    kill === undefined || kill.point === 'moment'
      ? ['dist/main.js']
      : ['dist/crash-main.js', kill.point, String(kill.commit)]
  const { child, done } = start([...script, '--dir', dir])
  if (kill?.point === 'moment') {
    await Promise.race([once(child.stdout, 'data'), done])
    await Promise.race([sleep(kill.ms), done])
    child.kill(signal)
  }
  return done
}

function start(args: readonly string[]) {
  const child = spawn(process.execPath, args, { cwd: here, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  let errors = ''
  child.stdout.on('data', (chunk) => {
    output += String(chunk)
  })
  child.stderr.on('data', (chunk) => {
    errors += String(chunk)
  })
  const done = new Promise<{ code: number | null; signal: string | null; output: string; errors: string }>((resolve) =>
    child.once('close', (code, signal) => resolve({ code, signal, output, errors })),
  )
  return { child, done }
}

/** What is wrong with the log of a finished job; empty when every flight is in it once and every result is right. */
async function faults(dir: string): Promise<readonly string[]> {
  const log = await LogEngine.open({ dir: join(dir, 'log') })
  try {
    const clients = embeddedClientSupplier(log)
    const [flightCount, airportCount] = [await readTopic(clients, flights), await readTopic(clients, airports)]
    const results = (await readTopic(clients, delaysByState)).map(({ value }) => value!)
    return [
      ...(flightCount.length === 20_000 ? [] : [`${flightCount.length} flights`]),
      ...(airportCount.length === 3376 ? [] : [`${airportCount.length} airports`]),
      ...faultsOf(results, expectedStateWeeks(bundledFlights, bundledAirports)),
    ]
  } finally {
    await log.close()
  }
}

/** Numbers from 0 to 1, the same ones for the same seed (mulberry32). */
function seededRandom(start: number): () => number {
  let state = start
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
