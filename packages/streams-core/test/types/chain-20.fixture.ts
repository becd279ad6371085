import { Serdes, topic } from '@millrace/serdes'
import { JoinWindows, StreamsBuilder, Suppressed, TimeWindows } from '@millrace/streams-core'

/** A topology of twenty operators whose types are all inferred: what the budget of type instantiations is measured on. */
interface Flight {
  readonly origin: string
  readonly destination: string
  readonly delayMinutes: number
}
interface Airport {
  readonly code: string
  readonly state: string
}

const flights = topic('flights', { key: Serdes.string(), value: Serdes.json<Flight>() })
const cancellations = topic('cancellations', { key: Serdes.string(), value: Serdes.json<{ reason: string }>() })
const airports = topic('airports', { key: Serdes.string(), value: Serdes.json<Airport>() })
const countries = topic('countries', { key: Serdes.string(), value: Serdes.string() })
const totals = topic('totals', { key: Serdes.string(), value: Serdes.json<{ text: string }>() })

const builder = new StreamsBuilder()
const table = builder.table(airports)
const global = builder.globalTable(countries)
const cancelled = builder.stream(cancellations)

builder
  .stream(flights)
  .filter((flight) => flight.delayMinutes > 15)
  .peek((flight) => flight.origin)
  .leftJoin(
    cancelled,
    (flight, gone) => ({ ...flight, gone: gone?.reason ?? null }),
    JoinWindows.ofTimeDifferenceWithNoGrace(10),
  )
  .mapValues((flight) => ({ ...flight, hours: flight.delayMinutes / 60 }))
  .join(table, (flight, airport) => ({ flight, state: airport.state }))
  .leftJoin(
    global,
    (joined) => joined.state,
    (joined, country) => ({ ...joined, country }),
  )
  .filterNot((joined) => joined.country === null)
  .flatMapValues((joined) => [joined, joined])
  .selectKey((joined) => joined.state)
  .map((joined, state) => [state, joined.flight.hours] as const)
  .filter((hours) => hours > 0)
  .groupByKey({ keySerde: Serdes.string(), valueSerde: Serdes.float64() })
  .windowedBy(TimeWindows.ofSizeWithNoGrace(1000))
  .aggregate(
    () => ({ count: 0, sum: 0 }),
    (stats, hours) => ({ count: stats.count + 1, sum: stats.sum + hours }),
    { valueSerde: Serdes.json() },
  )
  .suppress(Suppressed.untilWindowCloses())
  .mapValues((stats) => stats.sum / stats.count)
  .filter((mean) => mean > 1)
  .toStream()
  .filter((mean) => mean !== null)
  .map((mean, windowed) => [windowed.key, { text: mean.toFixed(1) }] as const)
  .to(totals)

export const topology = builder.build()
