import { readFileSync } from 'node:fs'

/** What a state-week must come to. */
export interface ExpectedStateWeek {
  readonly flights: number
  readonly averageDelay: number
}

/**
 * The same figures by a plain loop over the files, sharing nothing with the topology: delays above 15 minutes by the
 * origin's state and the week (of seven days since the epoch, UTC). Keys are `<state> <first day>`.
 */
export function expectedStateWeeks(
  flightsPath: string | URL,
  airportsPath: string | URL,
): Map<string, ExpectedStateWeek> {
  const states = new Map<string, string>()
  for (const line of readFileSync(airportsPath, 'utf8').split('\n').slice(1)) {
    const state = /,([A-Z]{2}|NA),[^,]+,-?[\d.]+,-?[\d.]+\r?$/.exec(line)?.[1]
    if (state !== undefined) states.set(line.slice(0, line.indexOf(',')), state)
  }
  const sums = new Map<string, { flights: number; minutes: number }>()
  const flights = JSON.parse(readFileSync(flightsPath, 'utf8')) as { date: string; delay: number; origin: string }[]
  for (const { date, delay, origin } of flights) {
    const state = states.get(origin)
    if (delay <= 15 || state === undefined) continue
    const days = Math.floor(Date.parse(`${date.replaceAll('/', '-').replace(' ', 'T')}:00Z`) / 86_400_000)
    const week = new Date((days - (days % 7)) * 86_400_000).toISOString().slice(0, 10)
    const sum = sums.get(`${state} ${week}`) ?? { flights: 0, minutes: 0 }
    sums.set(`${state} ${week}`, { flights: sum.flights + 1, minutes: sum.minutes + delay })
  }
  return new Map(
    [...sums].map(([key, sum]) => [key, { flights: sum.flights, averageDelay: sum.minutes / sum.flights }]),
  )
}

/** What is wrong with the records of the output topic, one line each; empty when they are exactly what is expected. */
export function faultsOf(
  records: readonly {
    readonly state: string
    readonly week: string
    readonly flights: number
    readonly averageDelay: number
  }[],
  expected: ReadonlyMap<string, ExpectedStateWeek>,
): readonly string[] {
  const faults: string[] = []
  const last = new Map<string, ExpectedStateWeek>()
  for (const { state, week, flights, averageDelay } of records) {
    const key = `${state} ${week}`
    const before = last.get(key)?.flights ?? 0
    if (flights !== before + 1) faults.push(`${key}: count ${flights} follows ${before}`)
    last.set(key, { flights, averageDelay })
  }
  for (const [key, wanted] of expected) {
    const found = last.get(key)
    if (found?.flights !== wanted.flights || found.averageDelay !== wanted.averageDelay) {
      faults.push(`${key}: expected ${JSON.stringify(wanted)}, found ${JSON.stringify(found)}`)
    }
  }
  for (const key of last.keys()) if (!expected.has(key)) faults.push(`${key} should not be there`)
  return faults
}
