import { Serdes, StreamsBuilder, TimeWindows, type Topology, topic, WindowedSerdes } from 'millrace'

export interface PageView {
  readonly page: string
}

/** Key: the user. */
export const pageViews = topic('page-views', { key: Serdes.string(), value: Serdes.json<PageView>() })
/** Key: the user; value: where the user lives. */
export const userRegions = topic('user-regions', { key: Serdes.string(), value: Serdes.string() })
export const viewsByRegion = topic('views-by-region', {
  key: WindowedSerdes.timeWindowedSerdeFrom(Serdes.string(), 3_600_000),
  value: Serdes.int64(),
})

/** Counts page views by the region of the user, for each hour: a stream looks up a table, and is keyed anew. */
export function buildTopology(): Topology {
  const builder = new StreamsBuilder()
  const regions = builder.table(userRegions, { storeName: 'regions' })
  builder
    .stream(pageViews)
    .leftJoin(regions, (_view, region) => region ?? 'unknown')
    .groupBy((region) => region, { name: 'by-region', keySerde: Serdes.string(), valueSerde: Serdes.string() })
    .windowedBy(TimeWindows.ofSizeAndGrace(3_600_000, 600_000))
    .count({ storeName: 'views' })
    .toStream()
    .to(viewsByRegion)
  return builder.build()
}
