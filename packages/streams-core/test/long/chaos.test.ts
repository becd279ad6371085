import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildMains, type Mains } from '../chaos/build-mains.ts'
import { type ChaosAction, type ChaosCluster, chaosActions, runChaos } from '../chaos/chaos.ts'
import { seededRandom } from '../kills/seeded-random.ts'

// Workers and the bundled broker are killed, frozen, added and removed, and the results are compared with the input.
// CHAOS_ROUNDS: how many things happen; CHAOS_SEED chooses them; CHAOS_ACTIONS: only these, with commas. With KAFKA_RIG, the command
// that starts a real Kafka, also there.

const rounds = Number(process.env['CHAOS_ROUNDS'] ?? 10)
const actions = (process.env['CHAOS_ACTIONS']?.split(',') ?? chaosActions) as readonly ChaosAction[]
const seed = Number(process.env['CHAOS_SEED'] ?? 1)

let dir: string
let mains: Mains
const closing: (() => Promise<void>)[] = []

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'chaos-'))
  mains = await buildMains()
})

afterAll(async () => {
  for (const close of closing) await close()
  mains.remove()
  rmSync(dir, { recursive: true, force: true })
})

async function bundledBroker(): Promise<ChaosCluster> {
  let broker: ChildProcess
  const start = async (port: number): Promise<string> => {
    const args = [mains.path('broker-main'), join(dir, 'log'), String(port)]
    broker = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    const [address] = (await once(broker.stdout!, 'data')) as [Buffer]
    return String(address).trim()
  }
  const kill = async (): Promise<void> => {
    const ended = once(broker, 'close')
    broker.kill('SIGKILL')
    await ended
  }
  const bootstrap = await start(0)
  closing.push(kill)
  const restartBroker = async (): Promise<void> => {
    await kill()
    await start(Number(bootstrap.split(':')[1]))
  }
  return { bootstrap, sessionTimeoutMs: 3000, restartBroker }
}

async function realKafka(rig: string): Promise<ChaosCluster> {
  const run = async (...args: readonly string[]): Promise<string> => {
    const { stdout } = await promisify(execFile)(rig, [...args, '--dir', join(dir, 'kafka')])
    return stdout.trim().split('\n').at(-1)!
  }
  const settings = ['--set', 'group.min.session.timeout.ms=1000', '--set', 'group.initial.rebalance.delay.ms=100']
  const bootstrap = await run('start', '--port', '0', ...settings)
  closing.push(async () => void (await run('stop', '--wipe')))
  const restartBroker = async (): Promise<void> => {
    await run('stop', '--kill')
    await run('start', '--port', bootstrap.split(':')[1]!, ...settings)
  }
  return { bootstrap, sessionTimeoutMs: 3000, restartBroker }
}

async function survives(name: string, cluster: ChaosCluster): Promise<void> {
  const workers = join(dir, `workers-${name}`)
  mkdirSync(workers)
  const begin = performance.now()
  const log = (line: string) => {
    const seconds = ((performance.now() - begin) / 1000).toFixed(1)
    process.stdout.write(`chaos on ${name}, ${seconds} s: ${line}\n`)
  }
  const random = seededRandom(seed)
  const options = { cluster, workerMain: mains.path('worker-main'), dir: workers, rounds, actions, random, log }
  const { faults, done, clicks } = await runChaos(options)
  log(`${clicks} clicks; ${JSON.stringify(done)}`)
  expect(faults).toEqual([])
  expect(clicks).toBeGreaterThan(1000)
}

const timeout = 240_000 + rounds * 20_000
const what = `no record is lost, counted twice or out of order in ${rounds} rounds (CHAOS_SEED=${seed})`

test(`the bundled broker: ${what}`, { timeout }, async () => survives('bundled', await bundledBroker()))

const rig = process.env['KAFKA_RIG']
if (rig !== undefined) test(`a real Kafka: ${what}`, { timeout }, async () => survives('kafka', await realKafka(rig)))
