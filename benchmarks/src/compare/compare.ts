import { appendFileSync, existsSync } from 'node:fs'
import { loadavg } from 'node:os'
import type { Workload } from '../workloads/workload.ts'
import { COMPARISONS, type Comparison, type Contender, type Match, matchesOf } from './contenders.ts'
import { withBroker } from './peer-broker.ts'
import { median, type Ratio, ratio, ratioText } from './ratios.ts'
import { type Measured, runContender } from './run-contender.ts'

export interface CompareOptions {
  readonly comparisons: readonly Comparison[]
  /** Undefined: all that the comparison has. */
  readonly workloads: readonly Workload[] | undefined
  readonly rounds: number
  /** Records; undefined: as many as suit each comparison. */
  readonly records: number | undefined
  readonly peers: string | undefined
  readonly bootstrap: string | undefined
  /** Where a JSON line for each contender of each match is appended. */
  readonly out: string | undefined
}

const PEERS_BESIDE_THE_REPOSITORY = '../shared/peers'

/**
 * Runs Millrace beside its peers: round after round, each contender of a match in turn, and prints the ratios of Millrace to each
 * other one with their spread. Peers that are not installed are named and left out. False: checksums differed.
 */
export async function compare(options: CompareOptions): Promise<boolean> {
  const peers = options.peers ?? (existsSync(PEERS_BESIDE_THE_REPOSITORY) ? PEERS_BESIDE_THE_REPOSITORY : undefined)
  const needsBroker = options.comparisons.some((each) => each !== 'driver' && each !== 'batch')
  const broker = needsBroker ? withBroker(peers, options.bootstrap) : undefined
  let allEqual = true
  try {
    const where = { peers, bootstrap: broker?.bootstrap }
    const count = (_workload: Workload, byDefault: number): number => options.records ?? byDefault
    for (const comparison of options.comparisons) {
      for (const match of matchesOf(comparison, options.workloads, count, where)) {
        if (!(await play(comparison, match, options, broker?.pid))) allEqual = false
      }
    }
  } finally {
    broker?.stop()
  }
  return allEqual
}

/** Comparisons and workloads among some words. @throws RangeError for a word that is neither */
export function comparisonsAmong(words: readonly string[]): Comparison[] {
  const found = COMPARISONS.filter((each) => words.includes(each))
  return found.length === 0 ? [...COMPARISONS] : found
}

async function play(
  comparison: Comparison,
  match: Match,
  options: CompareOptions,
  brokerPid: number | undefined,
): Promise<boolean> {
  say(`${match.workload} ${match.title}, ${match.records} records`)
  const able = match.contenders.filter((contender) => {
    if (contender.missing !== undefined) say(`  ${contender.name}: skipped, ${contender.missing}`)
    return contender.missing === undefined
  })
  const results = new Map<Contender, Measured[]>(able.map((contender) => [contender, []]))
  for (let round = 0; round < options.rounds; round++) {
    for (const [contender, measured] of results) {
      try {
        measured.push(await runContender(contender, brokerPid))
      } catch (error) {
        say(`  ${contender.name}: left out, ${error instanceof Error ? error.message : String(error)}`)
        results.delete(contender)
      }
    }
  }
  const [first, ...others] = results
  if (first === undefined || first[0] !== match.contenders[0]) return true
  const load = loadavg()[0]!.toFixed(1)
  const [millrace, own] = first
  tell(millrace, own)
  let allEqual = true
  for (const [contender, measured] of others) {
    const speed = ratio(rates(own), rates(measured))
    const perCpu = ratio(perCpuSecond(own, match.records), perCpuSecond(measured, match.records))
    tell(contender, measured)
    say(`    ratio ${ratioText(speed)}, per CPU second ${ratioText(perCpu)}${checksumText(own, measured)}`)
    if (differ(own, measured) && contender.name.startsWith('Java')) allEqual = false
    record(options.out, comparison, match, contender, measured, own, speed, perCpu, load)
  }
  return allEqual
}

function rates(measured: readonly Measured[]): number[] {
  return measured.map(({ recordsPerSec }) => recordsPerSec)
}

/** Records per second of CPU, the broker's included. */
function perCpuSecond(measured: readonly Measured[], records: number): number[] {
  return measured.map(({ cpuSeconds, brokerCpuSeconds = 0 }) => records / (cpuSeconds + brokerCpuSeconds))
}

function differ(own: readonly Measured[], other: readonly Measured[]): boolean {
  return own.some(({ checksum }) => checksum !== other[0]!.checksum)
}

function checksumText(own: readonly Measured[], other: readonly Measured[]): string {
  if (other[0]!.checksum === undefined) return ''
  return differ(own, other) ? `; CHECKSUMS DIFFER: ${own[0]!.checksum} and ${other[0]!.checksum}` : ', equal checksums'
}

function tell(contender: Contender, measured: readonly Measured[]): void {
  const middle = (field: (each: Measured) => number): number => median(measured.map(field))
  const cpu = middle(({ cpuSeconds }) => cpuSeconds).toFixed(2)
  const brokerCpu =
    measured[0]!.brokerCpuSeconds === undefined
      ? ''
      : ` + ${middle(({ brokerCpuSeconds }) => brokerCpuSeconds ?? 0).toFixed(2)} s of its broker`
  say(
    `  ${contender.name}: ${Math.round(middle(({ recordsPerSec }) => recordsPerSec))}/s, ${cpu} s of CPU${brokerCpu}, ${Math.round(middle(({ rssMb }) => rssMb))} MB`,
  )
}

function record(
  out: string | undefined,
  comparison: Comparison,
  match: Match,
  contender: Contender,
  measured: readonly Measured[],
  own: readonly Measured[],
  speed: Ratio,
  perCpu: Ratio,
  load: string,
): void {
  if (out === undefined) return
  const { workload, records, title } = match
  const line = { comparison, workload, title, records, against: contender.name, speed, perCpu, load, own, measured }
  appendFileSync(out, `${JSON.stringify(line)}\n`)
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}
