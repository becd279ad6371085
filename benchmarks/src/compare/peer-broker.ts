import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A broker for the time of a comparison. */
export interface PeerBroker {
  readonly bootstrap: string
  /** Undefined: not known, so its CPU time is not counted. */
  readonly pid: number | undefined
  stop(): void
}

/** The broker at an address, or one started by the peers; undefined when there is neither. */
export function withBroker(peers: string | undefined, bootstrap: string | undefined): PeerBroker | undefined {
  if (bootstrap !== undefined) return { bootstrap, pid: undefined, stop: () => {} }
  if (peers === undefined || !existsSync(join(peers, 'broker'))) return undefined
  const dir = mkdtempSync(join(tmpdir(), 'millrace-compare-'))
  const port = 20_000 + (process.pid % 20_000)
  const env = { ...process.env, BROKER_DIR: dir, KAFKA_PORT: String(port) }
  const run = (verb: string) => spawnSync(join(peers, 'broker'), [verb], { env, encoding: 'utf8' })
  const started = run('start')
  if (started.status !== 0) {
    process.stdout.write(`no broker: ${started.stderr.trim().slice(-300)}\n`)
    // One that is only slow to start must not stay.
    run('stop')
    rmSync(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
    return undefined
  }
  return {
    bootstrap: started.stdout.trim(),
    pid: Number(readFileSync(join(dir, 'pid'), 'utf8')),
    stop: () => {
      run('stop')
      rmSync(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
    },
  }
}
