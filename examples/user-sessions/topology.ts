import { Serdes, SessionWindows, StreamsBuilder, type Topology, topic, WindowedSerdes } from 'millrace'

export interface Visit {
  readonly pages: readonly string[]
}

/** Key: the user; value: the page. */
export const clicks = topic('clicks', { key: Serdes.string(), value: Serdes.string() })
/** A null value: this session has become part of a longer one. */
export const visits = topic('visits', {
  key: WindowedSerdes.sessionWindowedSerdeFrom(Serdes.string()),
  value: Serdes.json<Visit>(),
})

/** Puts clicks together to visits: a visit ends when the user has been away for half an hour. Clicks may come half an hour late. */
export function buildTopology(): Topology {
  const builder = new StreamsBuilder()
  builder
    .stream(clicks)
    .groupByKey()
    .windowedBy(SessionWindows.ofInactivityGapAndGrace(1_800_000, 1_800_000))
    .aggregate(
      (): Visit => ({ pages: [] }),
      ({ pages }, page) => ({ pages: [...pages, page] }),
      (left, right) => ({ pages: [...left.pages, ...right.pages] }),
      { storeName: 'visits', valueSerde: visits.valueSerde },
    )
    .toStream()
    .to(visits)
  return builder.build()
}
