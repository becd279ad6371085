import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildMains, type Mains } from '../chaos/build-mains.ts'
import { type ChaosAction, type ChaosCluster, chaosActions, runChaos } from '../chaos/chaos.ts'
import { allInSync, KafkaRig } from '../kafka-rig.ts'
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

/**
 * Three brokers, of which one is killed: a single one that is killed and started again may forget how a transaction ended, because
 * it leads its partitions before the controller has noticed that it was away.
 */
async function realKafka(command: string): Promise<ChaosCluster> {
  const kafka = new KafkaRig(command, join(dir, 'kafka'))
  const settings = ['group.initial.rebalance.delay.ms=100']
  closing.push(() => kafka.stop())
  const bootstrap = await kafka.start(3, settings)
  let node = 0
  const restartBroker = async (): Promise<void> => {
    await allInSync(bootstrap)
    node = (node % 3) + 1
    await kafka.kill(node)
    await kafka.restart(node, settings)
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
