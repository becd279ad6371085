import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { median } from '../compare/ratios.ts'
import type { Workload } from '../workloads/workload.ts'
import { VARIANTS, type Variant } from './variants.ts'

export interface MetricsOptions {
  readonly workloads: readonly Workload[]
  readonly rounds: number
  /** Of a pass. */
  readonly records: number
}

const WARM_UP_ROUNDS = 5

/**
 * What metrics and traces cost a record in the test driver, where nothing but the operators, the stores and what is measured runs, so
 * that their share is the greatest: a process for each variant, and in each round a pass of each of them in turn. CPU time; the least
 * of the rounds is what the neighbours have disturbed least. Ratios are to the variant `default`.
 */
export async function measureMetrics(options: MetricsOptions, say: (line: string) => void): Promise<void> {
  for (const workload of options.workloads) {
    const costs = await costsOf(workload, options)
    const base = costs.get('default')!
    say(`${workload}, ${options.records} records a pass, ${options.rounds} rounds: µs of CPU a record`)
    for (const [variant, each] of costs) {
      const least = Math.min(...each)
      const ratios = each.map((cost, round) => cost / base[round]!).sort((a, b) => a - b)
      const [low, high] = [0.25, 0.75].map((share) => ratios[Math.floor(share * (ratios.length - 1))]!.toFixed(2))
      const figures = `${least.toFixed(2)} at least, ${(least / Math.min(...base)).toFixed(2)} of default's`
      say(`  ${variant}: ${figures}; median ratio ${median(ratios).toFixed(2)} (half of them ${low}–${high})`)
    }
  }
  const read = nanosecondsOfClockRead().toFixed(0)
  say(`An application at DEBUG also reads the clock (${read} ns), twice for a record and twice for a call of a store.`)
  for (const [variant, meaning] of Object.entries(VARIANTS)) say(`${variant}: ${meaning}`)
}

async function costsOf(workload: Workload, { rounds, records }: MetricsOptions): Promise<Map<Variant, number[]>> {
  const children = new Map<Variant, ChildProcess>()
  const costs = new Map<Variant, number[]>()
  const program = new URL('./application.js', import.meta.url)
  try {
    for (const variant of Object.keys(VARIANTS) as Variant[]) {
      const child = fork(program, [variant, workload, String(records)])
      children.set(variant, child)
      costs.set(variant, [])
      await answerOf(child)
    }
    for (let round = 0; round < rounds + WARM_UP_ROUNDS; round++) {
      // Every other round backwards, so that none always follows the same one.
      const order = round % 2 === 0 ? [...children] : [...children].reverse()
      for (const [variant, child] of order) {
        const answer = answerOf(child)
        child.send('pass')
        const cost = Number(await answer)
        if (round >= WARM_UP_ROUNDS) costs.get(variant)!.push(cost)
      }
    }
  } finally {
    for (const child of children.values()) if (child.connected) child.disconnect()
  }
  return costs
}

/** The least of several rounds. */
function nanosecondsOfClockRead(): number {
  let least = Infinity
  for (let round = 0; round < 20; round++) {
    const began = performance.now()
    let last = began
    for (let i = 0; i < 10_000; i++) last = performance.now()
    least = Math.min(least, (last - began) * 100)
  }
  return least
}

async function answerOf(child: ChildProcess): Promise<unknown> {
  const gone = new AbortController()
  const ended = once(child, 'exit', { signal: gone.signal }).then(([code]) => {
    throw new Error(`A process that measures ended with ${code}.`)
  })
  try {
    const [answer] = await Promise.race([once(child, 'message', { signal: gone.signal }), ended])
    return answer
  } finally {
    gone.abort()
    ended.catch(() => {})
  }
}
