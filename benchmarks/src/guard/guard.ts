import { driverPass, packInput } from '../modes/driver.ts'
import { cpuSecondsSince } from '../modes/process-usage.ts'
import type { PackedRecords } from '../workloads/packed-records.ts'
import { PLAIN_LOOPS } from './plain-loops.ts'

type Guarded = keyof typeof PLAIN_LOOPS

interface Limit {
  readonly workload: Guarded
  readonly records: number
  /** The most that the test driver may cost, in multiples of the plain loop: about 1.6 times what it costs now. */
  readonly limit: number
}

const LIMITS: readonly Limit[] = [
  { workload: 'W1', records: 20_000, limit: 2.5 },
  { workload: 'W2', records: 5_000, limit: 12 },
  { workload: 'W3', records: 20_000, limit: 4.9 },
]

const ROUNDS = 7

/**
 * Whether the hot path has become much slower: the CPU time of the test driver on a workload, as a multiple of that of a plain loop
 * which does the same work, measured in turn in the same process. The least of several rounds counts, so that what else the machine
 * does cannot fail it.
 */
export function guard(say: (line: string) => void): boolean {
  let isWithin = true
  for (const { workload, records, limit } of LIMITS) {
    const input = packInput(workload, records)
    let driver = Infinity
    let plain = Infinity
    for (let round = 0; round < ROUNDS; round++) {
      plain = Math.min(plain, plainCpu(workload, input))
      driver = Math.min(driver, driverPass(workload, input, input.length, records).cpuSeconds)
    }
    const multiple = driver / plain
    const verdict = multiple <= limit ? 'within' : 'BEYOND'
    if (multiple > limit) isWithin = false
    say(`guard ${workload}: ${multiple.toFixed(2)} times the plain loop, ${verdict} the limit of ${limit}`)
  }
  return isWithin
}

/** CPU seconds of the plain loop over the same records, several times as many so that the clock resolves it. */
function plainCpu(workload: Guarded, input: PackedRecords): number {
  const before = process.cpuUsage()
  const times = 3
  for (let i = 0; i < times; i++) {
    if (PLAIN_LOOPS[workload](input, input.length) === 0) throw new Error('The plain loop gave nothing.')
  }
  return cpuSecondsSince(before) / times
}
