import { Serdes, StreamsBuilder, TimeWindows, type Topology, topic } from 'millrace'
import { zodSerde } from 'millrace/zod'
import { z } from 'zod'

/** A flight as the Bureau of Transportation Statistics reports it; `delay` in minutes, negative when early. */
export const flightSchema = z.object({
  date: z.string(),
  delay: z.number(),
  distance: z.number(),
  origin: z.string().min(1),
  destination: z.string(),
})
export type Flight = z.infer<typeof flightSchema>

export interface Airport {
  readonly name: string
  readonly city: string
  /** Two letters. */
  readonly state: string
}

/** One state's delayed flights in one week. */
export interface StateWeek {
  readonly state: string
  /** First day of the week, `YYYY-MM-DD`, UTC. Weeks begin on Thursdays, as the epoch did. */
  readonly week: string
  /** Delayed flights so far: 1, 2, … n for each state and week. */
  readonly flights: number
  /** Minutes. */
  readonly averageDelay: number
}

interface LocatedFlight {
  readonly state: string
  readonly delay: number
}

interface Sum {
  readonly flights: number
  readonly minutes: number
}

/** Key: IATA code of the origin. */
export const flights = topic('flights', { key: Serdes.string(), value: zodSerde(flightSchema) })
/** Key: IATA code. */
export const airports = topic('airports', { key: Serdes.string(), value: Serdes.json<Airport>() })
/** Key: state. */
export const delaysByState = topic('delays-by-state', { key: Serdes.string(), value: Serdes.json<StateWeek>() })
/** Flights from airports that are not in `airports`. Key: IATA code. */
export const unknownAirports = topic('unknown-airports', { key: Serdes.string(), value: zodSerde(flightSchema) })

const dayMs = 24 * 60 * 60 * 1000
const weekMs = 7 * dayMs
/** More than the three months of the data: however far the partitions run apart, no flight is late. */
const graceMs = 120 * dayMs
const delayedAboveMinutes = 15

/**
 * Counts and averages the delays above 15 minutes by the origin's state, in weeks of event time.
 *
 *     flights ──► join ──► delayed, by state ──► count and average by week ──► delays-by-state
 *     airports ────┘ └───► unknown-airports
 */
export function buildTopology(): Topology {
  const builder = new StreamsBuilder()
  const airportTable = builder.table(airports, { storeName: 'airports' })
  const joined = builder.stream(flights).leftJoin(airportTable, (flight, airport) => ({ flight, airport }))

  joined
    .filter(({ airport }) => airport === null)
    .mapValues(({ flight }) => flight)
    .to(unknownAirports)

  joined
    .flatMapValues(({ flight, airport }) => (airport === null ? [] : [{ state: airport.state, delay: flight.delay }]))
    .filter(({ delay }) => delay > delayedAboveMinutes)
    .groupBy(({ state }) => state, {
      name: 'by-state',
      keySerde: Serdes.string(),
      valueSerde: Serdes.json<LocatedFlight>(),
    })
    .windowedBy(TimeWindows.ofSizeAndGrace(weekMs, graceMs))
    .aggregate<Sum>(
      () => ({ flights: 0, minutes: 0 }),
      (sum, { delay }) => ({ flights: sum.flights + 1, minutes: sum.minutes + delay }),
      // The flights are of 2001: a changelog that deletes by age would be empty.
      { storeName: 'delays', valueSerde: Serdes.json<Sum>(), logging: { 'cleanup.policy': 'compact' } },
    )
    .toStream()
    .flatMap((sum, { key: state, window }) => (sum === null ? [] : [[state, stateWeek(state, window.start, sum)]]))
    .to(delaysByState)

  return builder.build()
}

function stateWeek(state: string, weekStart: number, { flights, minutes }: Sum): StateWeek {
  return { state, week: new Date(weekStart).toISOString().slice(0, 10), flights, averageDelay: minutes / flights }
}
