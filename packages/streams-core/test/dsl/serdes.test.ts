import { Serdes, topic } from '@millrace/serdes'
import { describe, expect, test } from 'vitest'
import {
  StreamsBuilder,
  type StreamsProperties,
  silentLogger,
  TimeWindowedSerde,
  TimeWindows,
} from '../../src/index.ts'

const flights = topic('flights', { key: Serdes.string(), value: Serdes.json<{ delay: number }>() })
const logger = silentLogger

function sink(make: (builder: StreamsBuilder) => void, properties: StreamsProperties = {}) {
  const builder = new StreamsBuilder({ logger, ...properties })
  make(builder)
  const found = builder
    .build()
    .plan('app')
    .whole.nodes.find((node) => node.kind === 'sink')
  if (found?.kind !== 'sink') throw new Error('no sink')
  return { key: found.keySerde, value: found.valueSerde }
}

describe('the serde of a sink', () => {
  test('is the source’s, while the type stays', () => {
    const serdes = sink((builder) => builder.stream(flights).filter(Boolean).peek(console.log).to('out'))
    expect(serdes).toEqual({ key: flights.keySerde, value: flights.valueSerde })
  })

  test('is the one given last', () => {
    const valueSerde = Serdes.json<{ delay: number }>()
    expect(sink((builder) => builder.stream(flights).to('out', { valueSerde })).value).toBe(valueSerde)
  })

  test('is the default where Java forgets it, else what the types imply', () => {
    const merged = (builder: StreamsBuilder) => builder.stream(flights).merge(builder.stream(flights)).to('out')
    expect(sink(merged)).toEqual({ key: flights.keySerde, value: flights.valueSerde })
    expect(sink(merged, { 'default.key.serde': Serdes.uuid() }).key).toBe(Serdes.uuid())
  })

  test('wraps the key’s after windows', () => {
    const { key } = sink((builder) =>
      builder
        .stream(flights)
        .groupByKey()
        .windowedBy(TimeWindows.ofSizeWithNoGrace(60))
        .count()
        .toStream()
        .to('out', { valueSerde: Serdes.nullable(Serdes.int64()) }),
    )
    expect(key).toBeInstanceOf(TimeWindowedSerde)
    expect(key).toMatchObject({ inner: flights.keySerde, windowSizeMs: 60 })
  })

  test('is bytes for what was read as bytes', () => {
    expect(sink((builder) => builder.stream('in').to('out'))).toEqual({ key: Serdes.bytes(), value: Serdes.bytes() })
    expect(sink((builder) => builder.stream('in').to('out'), { 'default.value.serde': Serdes.string() }).value).toBe(
      Serdes.string(),
    )
  })
})

describe('a serde that is missing is an error at build, naming the operator and the fix', () => {
  test('of a sink after mapValues', () => {
    const make = (builder: StreamsBuilder) =>
      builder
        .stream(flights)
        .mapValues((flight) => flight.delay)
        .to('out')
    expect(() => sink(make)).toThrow(/'KSTREAM-SINK-0000000002' has values without a serde.*valueSerde/s)
    expect(sink(make, { 'default.value.serde': Serdes.int64() }).value).toBe(Serdes.int64())
  })

  test('of an aggregation', () => {
    const make = (builder: StreamsBuilder) =>
      builder
        .stream(flights)
        .groupByKey()
        .aggregate(
          () => 0,
          (sum) => sum,
        )
        .toStream()
        .to('out')
    expect(() => sink(make)).toThrow(/'KSTREAM-AGGREGATE-0000000002' has values without a serde/)
  })

  test('of a repartition', () => {
    const make = (builder: StreamsBuilder) =>
      builder
        .stream(flights)
        .selectKey((flight) => flight.delay)
        .groupByKey()
        .count()
        .toStream()
        .to('out')
    expect(() => sink(make)).toThrow(/has keys without a serde.*keySerde/s)
  })
})
