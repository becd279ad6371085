import { JoinWindows, Serdes, StreamsBuilder, type Topology, topic } from 'millrace'

export interface Impression {
  readonly campaign: string
}

export interface Click {
  readonly user: string
}

export interface Outcome {
  readonly campaign: string
  /** Null: nobody clicked in time. */
  readonly clickedBy: string | null
}

/** Key: the id of the impression. */
export const impressions = topic('impressions', { key: Serdes.string(), value: Serdes.json<Impression>() })
/** Key: the id of the impression that was clicked. */
export const clicks = topic('clicks', { key: Serdes.string(), value: Serdes.json<Click>() })
export const outcomes = topic('outcomes', { key: Serdes.string(), value: Serdes.json<Outcome>() })

/**
 * Finds out what became of each shown advertisement: the click within ten seconds, or none. Records may be up to five seconds out
 * of order, so "none" is said only when no click can come any more.
 */
export function buildTopology(): Topology {
  const builder = new StreamsBuilder()
  const clicked = builder.stream(clicks)
  builder
    .stream(impressions)
    .leftJoin(
      clicked,
      ({ campaign }, click): Outcome => ({ campaign, clickedBy: click?.user ?? null }),
      JoinWindows.ofTimeDifferenceAndGrace(10_000, 5000).before(0),
      { name: 'clicked', storeName: 'recent', waitForGrace: true },
    )
    .to(outcomes)
  return builder.build()
}
