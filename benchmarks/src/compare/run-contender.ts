import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import type { Contender } from './contenders.ts'

/** What one run of a contender gave. */
export interface Measured {
  readonly recordsPerSec: number
  readonly seconds: number
  readonly checksum: string | undefined
  /** Of its own process, in the measured time. */
  readonly cpuSeconds: number
  /** Of the broker during the whole run divided by its passes: loading nothing, but reading back. Undefined: no broker, or not known. */
  readonly brokerCpuSeconds: number | undefined
  readonly rssMb: number
}

const LIMIT_MS = 300_000

/** Runs a contender once; its last pass counts. @throws Error when it fails, ends without a result or takes too long */
export async function runContender(contender: Contender, brokerPid: number | undefined): Promise<Measured> {
  const broker = contender.usesBroker ? brokerPid : undefined
  const before = broker === undefined ? undefined : cpuSecondsOf(broker)
  const text = await output(contender)
  const after = broker === undefined ? undefined : cpuSecondsOf(broker)
  const lines = text.split('\n').flatMap(jsonLine)
  const passes = lines.filter((line) => typeof line['recordsPerSec'] === 'number')
  const last = passes.at(-1)
  if (last === undefined) throw new Error(`${contender.name} gave no result: ${text.trim().slice(-300)}`)
  const checksum = lines.findLast((line) => typeof line['checksum'] === 'string')?.['checksum']
  return {
    recordsPerSec: Number(last['recordsPerSec']),
    seconds: Number(last['seconds']),
    checksum: typeof checksum === 'string' ? checksum : undefined,
    cpuSeconds: Number(last['cpuSeconds']),
    brokerCpuSeconds: before === undefined || after === undefined ? undefined : (after - before) / passes.length,
    rssMb: Number(last['rssMb']),
  }
}

function jsonLine(line: string): { readonly [field: string]: unknown }[] {
  if (!line.startsWith('{')) return []
  try {
    return [JSON.parse(line)]
  } catch {
    return []
  }
}

function output({ name, command, args, env }: Contender): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: LIMIT_MS,
    })
    let text = ''
    let errors = ''
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString()
    })
    child.stderr.on('data', (chunk: Buffer) => {
      errors += chunk.toString()
    })
    child.on('error', reject)
    child.on('close', (code, signal) => {
      if (code === 0) resolve(text)
      else reject(new Error(`${name} ended with ${signal ?? code}: ${errors.trim().slice(-300)}`))
    })
  })
}

/** CPU time of a process so far; undefined where /proc does not tell. */
function cpuSecondsOf(pid: number): number | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]!.split(' ')
    return (Number(fields[11]) + Number(fields[12])) / 100
  } catch {
    return undefined
  }
}
