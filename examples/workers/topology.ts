import { Serdes, StreamsBuilder, TimeWindows, type Topology, topic, type Windowed, WindowedSerdes } from 'millrace'

const windowMs = 60_000

/** Requests, by the address that made them. */
export const requests = topic('requests', { key: Serdes.string(), value: Serdes.json<{ readonly path: string }>() })
/** How many requests each path had in each minute. */
export const requestsPerMinute = topic<Windowed<string>, number>('requests-per-minute', {
  key: WindowedSerdes.timeWindowedSerdeFrom(Serdes.string(), windowMs),
  value: Serdes.int64(),
})

/** Counts requests by path and minute: through a repartition topic, so that every worker has its share of the paths. */
export function buildTopology(): Topology {
  const builder = new StreamsBuilder()
  builder
    .stream(requests)
    .groupBy((request) => request.path, {
      name: 'by-path',
      keySerde: Serdes.string(),
      valueSerde: Serdes.json<{ readonly path: string }>(),
    })
    .windowedBy(TimeWindows.ofSizeAndGrace(windowMs, 10_000))
    .count({ storeName: 'requests-per-minute' })
    .toStream()
    .to(requestsPerMinute)
  return builder.build()
}
