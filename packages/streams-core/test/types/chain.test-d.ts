import { Serdes, topic } from '@millrace/serdes'
import {
  type GlobalKTable,
  JoinWindows,
  type KGroupedStream,
  type KStream,
  type KTable,
  Record,
  SessionWindows,
  SlidingWindows,
  StreamsBuilder,
  Suppressed,
  TimeWindows,
  UnlimitedWindows,
  type Windowed,
} from '@millrace/streams-core'
import { describe, expectTypeOf, test } from 'vitest'

interface Flight {
  readonly origin: string
  readonly delayMinutes: number
}
interface Airport {
  readonly state: string
}

const flights = topic('flights', { key: Serdes.string(), value: Serdes.json<Flight>() })
const airports = topic('airports', { key: Serdes.string(), value: Serdes.json<Airport>() })
const counts = topic('counts', { key: Serdes.string(), value: Serdes.int64() })
const builder = new StreamsBuilder()
const stream = builder.stream(flights)
const table = builder.table(airports)

describe('sources', () => {
  test('a declared topic gives its types', () => {
    expectTypeOf(stream).toEqualTypeOf<KStream<string, Flight>>()
    expectTypeOf(table).toEqualTypeOf<KTable<string, Airport>>()
    expectTypeOf(builder.globalTable(airports)).toEqualTypeOf<GlobalKTable<string, Airport>>()
  })

  test('a plain name takes the serdes given, and bytes without them', () => {
    expectTypeOf(builder.stream('lines')).toEqualTypeOf<KStream<Uint8Array, Uint8Array>>()
    expectTypeOf(builder.stream('lines', { valueSerde: Serdes.string() })).toEqualTypeOf<KStream<Uint8Array, string>>()
    expectTypeOf(builder.stream<string, number>(/in-.*/)).toEqualTypeOf<KStream<string, number>>()
    expectTypeOf(
      builder.table('rows', { keySerde: Serdes.string(), valueSerde: Serdes.int32(), storeName: 'rows' }),
    ).toEqualTypeOf<KTable<string, number>>()
  })

  test('a declared topic is not given other serdes', () => {
    // @ts-expect-error the serdes come with the topic
    builder.stream(flights, { valueSerde: Serdes.string() })
    // @ts-expect-error the serdes come with the topic
    builder.table(airports, { keySerde: Serdes.int64() })
  })
})

describe('stateless operators', () => {
  test('infer what the callback gives', () => {
    expectTypeOf(stream.filter((flight) => flight.delayMinutes > 0)).toEqualTypeOf<KStream<string, Flight>>()
    expectTypeOf(stream.mapValues((flight) => flight.delayMinutes)).toEqualTypeOf<KStream<string, number>>()
    expectTypeOf(stream.selectKey((flight) => flight.delayMinutes)).toEqualTypeOf<KStream<number, Flight>>()
    expectTypeOf(stream.map((flight, key) => [flight.delayMinutes, key])).toEqualTypeOf<KStream<number, string>>()
    expectTypeOf(stream.flatMapValues((flight) => [...flight.origin])).toEqualTypeOf<KStream<string, string>>()
    expectTypeOf(stream.flatMap((flight) => [[1, flight] as const])).toEqualTypeOf<KStream<1, Flight>>()
    expectTypeOf(stream.split().defaultBranch()).toEqualTypeOf<ReadonlyMap<string, KStream<string, Flight>>>()
  })

  test('a type guard narrows', () => {
    const isText = (value: string | number): value is string => typeof value === 'string'
    const mixed = stream.mapValues((flight): string | number => flight.origin)
    expectTypeOf(mixed.filter(isText)).toEqualTypeOf<KStream<string, string>>()
    expectTypeOf(mixed.filter((value) => typeof value === 'number')).toEqualTypeOf<KStream<string, number>>()
  })

  test('callbacks of the wrong shape do not compile', () => {
    // @ts-expect-error a predicate gives true or false
    stream.filter((flight) => flight.origin)
    // @ts-expect-error there is no such field
    stream.mapValues((flight) => flight.arrival)
    // @ts-expect-error map gives a pair
    stream.map((flight) => flight.origin)
    // @ts-expect-error streams of other values cannot be merged
    stream.merge(stream.mapValues((flight) => flight.delayMinutes))
  })
})

describe('asynchronous operators', () => {
  test('infer what the promise gives', () => {
    expectTypeOf(stream.mapValuesAsync(async (flight) => flight.delayMinutes)).toEqualTypeOf<KStream<string, number>>()
    expectTypeOf(stream.mapAsync(async (flight, key) => [flight.delayMinutes, key] as const)).toEqualTypeOf<
      KStream<number, string>
    >()
    expectTypeOf(stream.flatMapAsync(async (flight, key) => [[flight.delayMinutes, key] as const])).toEqualTypeOf<
      KStream<number, string>
    >()
    expectTypeOf(
      stream.processAsync(async (record, { signal }) => [new Record(record.timestamp, signal.aborted, 0)]),
    ).toEqualTypeOf<KStream<number, boolean>>()
  })

  test('a promise given to a synchronous operator is a promise downstream', () => {
    expectTypeOf(stream.mapValues(async () => 1)).toEqualTypeOf<KStream<string, Promise<number>>>()
    // @ts-expect-error which no serde of numbers writes
    stream.mapValues(async () => 1).to(counts)
  })
})

describe('groupings and aggregations', () => {
  const grouped = stream.groupBy((flight) => flight.origin, { keySerde: Serdes.string() })

  test('groupBy takes the type of the new key, and needs its serde', () => {
    expectTypeOf(grouped).toEqualTypeOf<KGroupedStream<string, Flight>>()
    // @ts-expect-error the key has no serde
    stream.groupBy((flight) => flight.origin)
    // @ts-expect-error the key has no serde
    stream.groupBy((flight) => flight.origin, { name: 'by-origin' })
    // @ts-expect-error the serde is of another type
    stream.groupBy((flight) => flight.origin, { keySerde: Serdes.int64() })
    // @ts-expect-error the key has no serde
    table.groupBy((airport) => [airport.state, airport])
    stream.groupByKey()
  })

  test('infer the aggregate', () => {
    expectTypeOf(grouped.count()).toEqualTypeOf<KTable<string, number>>()
    expectTypeOf(grouped.reduce((left, right) => (left.origin > right.origin ? left : right))).toEqualTypeOf<
      KTable<string, Flight>
    >()
    expectTypeOf(
      grouped.aggregate(
        () => ({ sum: 0 }),
        ({ sum }, flight) => ({ sum: sum + flight.delayMinutes }),
        { valueSerde: Serdes.json() },
      ),
    ).toEqualTypeOf<KTable<string, { sum: number }>>()
    expectTypeOf(
      table
        .groupBy((airport, code) => [airport.state, code], { keySerde: Serdes.string() })
        .aggregate(
          () => 0,
          (n) => n + 1,
          (n) => n - 1,
        ),
    ).toEqualTypeOf<KTable<string, number>>()
  })

  test('windowed keys', () => {
    for (const windows of [
      TimeWindows.ofSizeWithNoGrace(1),
      SlidingWindows.ofTimeDifferenceWithNoGrace(1),
      UnlimitedWindows.of(),
    ]) {
      expectTypeOf(grouped.windowedBy(windows).count()).toEqualTypeOf<KTable<Windowed<string>, number>>()
    }
    const sessions = grouped.windowedBy(SessionWindows.ofInactivityGapWithNoGrace(1))
    expectTypeOf(
      sessions.aggregate(
        () => '',
        (text, flight) => text + flight.origin,
        (left, right) => left + right,
      ),
    ).toEqualTypeOf<KTable<Windowed<string>, string>>()
    // @ts-expect-error sessions need a merger
    sessions.aggregate(
      () => '',
      (text: string) => text,
    )
  })

  test('a cogroup holds all streams to one aggregate', () => {
    const lengths = builder.stream(counts).groupByKey()
    const cogrouped = grouped
      .cogroup((total: number, flight) => total + flight.delayMinutes)
      .cogroup(lengths, (total, length) => total + length)
    expectTypeOf(cogrouped.aggregate(() => 0)).toEqualTypeOf<KTable<string, number>>()
    // @ts-expect-error the aggregate is a number
    cogrouped.aggregate(() => '')
    // @ts-expect-error keys of another type
    grouped.cogroup((n: number) => n).cogroup(lengths as never as KGroupedStream<number, number>, (n) => n)
  })

  test('wrong serdes and functions do not compile', () => {
    const zero = () => 0
    const next = (n: number) => n + 1
    // @ts-expect-error the aggregate is a number
    grouped.aggregate(zero, next, { valueSerde: Serdes.string() })
    // @ts-expect-error the aggregator gives a text
    grouped.aggregate<number>(zero, (_n, flight) => flight.origin)
    // @ts-expect-error a count is a number
    grouped.count({ valueSerde: Serdes.string() })
    // @ts-expect-error keys are texts
    grouped.count({ keySerde: Serdes.int64() })
  })

  test('only windowed tables are suppressed until their windows close', () => {
    grouped.windowedBy(TimeWindows.ofSizeWithNoGrace(1)).count().suppress(Suppressed.untilWindowCloses())
    grouped.count().suppress(Suppressed.untilTimeLimit(10))
    // @ts-expect-error there are no windows
    grouped.count().suppress(Suppressed.untilWindowCloses())
    // @ts-expect-error a final result cannot come early
    Suppressed.untilWindowCloses({ full: 'emitEarly' })
  })
})

describe('joins', () => {
  const windows = JoinWindows.ofTimeDifferenceWithNoGrace(1)
  const numbers = builder.stream(counts)

  test('infer both sides; the missing one is null', () => {
    expectTypeOf(stream.join(table, (flight, airport) => [flight.origin, airport.state])).toEqualTypeOf<
      KStream<string, string[]>
    >()
    expectTypeOf(stream.leftJoin(table, (_flight, airport) => airport)).toEqualTypeOf<KStream<string, Airport | null>>()
    expectTypeOf(stream.join(numbers, (flight, n) => flight.delayMinutes + n, windows)).toEqualTypeOf<
      KStream<string, number>
    >()
    expectTypeOf(stream.outerJoin(numbers, (flight, n) => [flight, n] as const, windows)).toEqualTypeOf<
      KStream<string, readonly [Flight | null, number | null]>
    >()
    expectTypeOf(
      stream.join(
        builder.globalTable(airports),
        (flight) => flight.origin,
        (_flight, airport) => airport.state,
      ),
    ).toEqualTypeOf<KStream<string, string>>()
    expectTypeOf(table.join(builder.table(counts), (airport, n) => airport.state.length + n)).toEqualTypeOf<
      KTable<string, number>
    >()
    expectTypeOf(
      builder.table(flights).leftJoin(
        table,
        (flight) => flight.origin,
        (flight, airport) => `${flight.delayMinutes} ${airport?.state}`,
      ),
    ).toEqualTypeOf<KTable<string, string>>()
  })

  test('joiners and keys of the wrong shape do not compile', () => {
    const byNumber = builder.table('n', { keySerde: Serdes.int64(), valueSerde: Serdes.string() })
    // @ts-expect-error there may be no airport
    stream.leftJoin(table, (_flight, airport) => airport.state)
    // @ts-expect-error the right side is an airport
    stream.join(table, (_flight, airport: number) => airport)
    // @ts-expect-error keys of another type
    stream.join(byNumber, (_flight, text) => text)
    // @ts-expect-error keys of another type
    table.join(byNumber, (_airport, text) => text)
    const toState = (airport: Airport) => airport.state
    const second = <T>(_first: unknown, value: T) => value
    // @ts-expect-error the other table's keys are numbers
    table.join(byNumber, toState, second)
    // @ts-expect-error a stream-stream join needs windows
    stream.join(numbers, (flight, n) => flight.delayMinutes + n)
    const toDelay = (flight: Flight) => flight.delayMinutes
    // @ts-expect-error the global table's keys are texts
    stream.join(builder.globalTable(airports), toDelay, second)
  })
})

describe('tables', () => {
  test('a table as a stream has deletions', () => {
    expectTypeOf(table.toStream()).toEqualTypeOf<KStream<string, Airport | null>>()
    expectTypeOf(table.toStream((airport) => airport?.state ?? '')).toEqualTypeOf<KStream<string, Airport | null>>()
    expectTypeOf(table.toStream().filter((airport) => airport !== null)).toEqualTypeOf<KStream<string, Airport>>()
    expectTypeOf(table.toStream().toTable()).toEqualTypeOf<KTable<string, Airport>>()
  })

  test('a mapper that gives null deletes', () => {
    expectTypeOf(table.mapValues((airport) => (airport.state === '' ? null : airport.state))).toEqualTypeOf<
      KTable<string, string>
    >()
  })
})

describe('sinks', () => {
  const words = stream.map((flight) => [flight.origin as 'a' | 'b', flight.origin])

  test('take what their serdes can write', () => {
    stream.mapValues((flight) => flight.delayMinutes).to(counts)
    table.toStream().to(airports)
    words.to('words', { keySerde: Serdes.string(), valueSerde: Serdes.string() })
    stream.to((flight, key, { topic: source }) => `${flight.origin}-${key}-${source}`)
    stream.to('flights-2', { streamPartitioner: (_topic, key, flight) => key.length + flight.delayMinutes })
  })

  test('refuse what they cannot', () => {
    // @ts-expect-error values are flights
    stream.to(counts)
    // @ts-expect-error values are flights
    stream.to('x', { valueSerde: Serdes.string() })
    // @ts-expect-error keys are texts
    stream.to('x', { keySerde: Serdes.int64() })
  })
})
