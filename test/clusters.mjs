// The tests of packages/*/test/cluster on each of three clusters, and with them those that kill a broker:
//
//   npm run test:clusters [-- NAME...]      bundled: the bundled broker; one, three: so many real brokers
//
// A name alone: only there. KAFKA_RIG: the command that starts a real Kafka (CONTRIBUTING.md); without it the real ones are left out,
// and said to be. Exit code 0: nothing failed.

import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const rig = process.env.KAFKA_RIG
const rigLib = process.env.KAFKA_RIG_LIB ?? join(tmpdir(), 'kafka-rig-lib')
// Those that are given a cluster. The others in such folders start their own.
const suites = ['packages/streams-core/test/cluster', 'packages/testkit/test/cluster']

const clusters = { bundled, one: (dir) => real(dir, 1), three: (dir) => real(dir, 3) }

/** Starts a broker of ours. */
async function bundled(dir) {
  run('npx', ['--no-install', 'tsc', '-b', 'packages/millrace'])
  const settings = ['--port', '0', '--dir', dir, '--set', 'group.initial.rebalance.delay.ms=0']
  const broker = spawn(process.execPath, ['packages/millrace/dist/main.js', 'broker', ...settings], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [text] = await once(broker.stdout, 'data')
  const bootstrap = /[\w.]+:\d+/.exec(String(text))?.[0]
  const stop = async () => {
    const ended = once(broker, 'close')
    broker.kill()
    await ended
  }
  return { environment: { KAFKA_BOOTSTRAP: bootstrap }, stop }
}

/** Starts a real Kafka of so many brokers; undefined where none can be started. */
function real(dir, brokers) {
  if (rig === undefined) return undefined
  const environment = { KAFKA_RIG: rig, KAFKA_RIG_LIB: rigLib, KAFKA_RIG_DIR: dir }
  const call = (...args) => {
    const options = { env: { ...process.env, ...environment }, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }
    const { status, stdout } = spawnSync(rig, args, options)
    if (status !== 0) throw new Error(`${rig} ${args.join(' ')} ended with exit code ${status}.`)
    return stdout.trim().split('\n').at(-1)
  }
  const bootstrap = call('start', '--port', '0', '--brokers', String(brokers))
  return { environment: { ...environment, KAFKA_BOOTSTRAP: bootstrap }, stop: () => call('stop', '--wipe') }
}

function run(command, args, environment = {}) {
  const { status } = spawnSync(command, args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...environment },
  })
  return status
}

const names = process.argv.slice(2)
const unknown = names.filter((name) => !(name in clusters))
if (unknown.length > 0) {
  console.error(`test:clusters: there is no cluster '${unknown[0]}'. There are: ${Object.keys(clusters).join(', ')}.`)
  process.exit(2)
}

const results = []
for (const name of names.length > 0 ? names : Object.keys(clusters)) {
  const dir = mkdtempSync(join(tmpdir(), 'millrace-cluster-'))
  const cluster = await clusters[name](dir)
  if (cluster === undefined) {
    results.push(`${name}: left out, KAFKA_RIG names no command that starts a real Kafka`)
    continue
  }
  try {
    const status = run('npx', ['--no-install', 'vitest', 'run', ...suites], cluster.environment)
    results.push(`${name}: ${status === 0 ? 'passed' : 'FAILED'}`)
    if (status !== 0) process.exitCode = 1
  } finally {
    await cluster.stop()
    rmSync(dir, { recursive: true, force: true })
  }
}
console.log(results.join('\n'))
