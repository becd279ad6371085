import {
  JoinWindows,
  Serdes,
  SessionWindows,
  StreamsBuilder,
  type StreamsProperties,
  silentLogger,
  TimeWindows,
  type Topology,
  topic,
} from 'millrace'
import type { Workload } from './workload.ts'

interface Order {
  readonly orderId: string
  readonly user: string
  readonly amount: number
  readonly region: string
}

interface User {
  readonly user: string
  readonly name: string
  readonly country: string
  readonly tier: number
}

/** Where a workload reads and writes: from the names in its definition to those of topics. */
export type TopicNames = (name: string) => string

/** The topology of a workload, written as a user would. Every update is emitted (no caching). */
export function buildWorkload(workload: Workload, topicName: TopicNames = (name) => name): Topology {
  const builder = new StreamsBuilder(uncached)
  TOPOLOGIES[workload](builder, topicName)
  return builder.build()
}

/** The settings under which the workloads run. Their store names are generated, which is warned about. */
export const uncached: StreamsProperties = { 'statestore.cache.max.bytes': 0, logger: silentLogger }

const string = Serdes.string()
const int64 = Serdes.int64()

const TOPOLOGIES: { readonly [W in Workload]: (builder: StreamsBuilder, named: TopicNames) => void } = {
  W1(builder, named) {
    builder
      .stream(topic(named('bench-w1-in'), { key: string, value: Serdes.json<Order>() }))
      .filter((order) => order.amount > 25_000)
      .mapValues(({ orderId, user, amount, region }) => ({
        orderId,
        user,
        amount,
        tax: Math.floor(amount / 12),
        region,
      }))
      .to(named('bench-w1-out'), { valueSerde: Serdes.json() })
  },

  W2(builder, named) {
    builder
      .stream(named('bench-w2-in'), { valueSerde: string })
      .flatMapValues((line) => line.split(' '))
      .groupBy((word) => word, { keySerde: string, valueSerde: string })
      .count({ storeName: 'counts' })
      .toStream()
      .to(named('bench-w2-out'))
  },

  W3(builder, named) {
    builder
      .stream(topic(named('bench-w3-in'), { key: string, value: int64 }))
      .groupByKey()
      .windowedBy(TimeWindows.ofSizeAndGrace(60_000, 10_000))
      .reduce((sum, value) => sum + value)
      .toStream((_sum, windowed) => `${windowed.key}@${windowed.window.start}`)
      .to(named('bench-w3-out'), { keySerde: string })
  },

  W4(builder, named) {
    const users = builder.table(topic(named('bench-w4-users'), { key: string, value: Serdes.json<User>() }))
    builder
      .stream(topic(named('bench-w4-in'), { key: string, value: Serdes.json<Order>() }))
      .join(users, ({ orderId, user, amount, region }, { name, country, tier }) => ({
        orderId,
        user,
        amount,
        region,
        name,
        country,
        tier,
      }))
      .to(named('bench-w4-out'), { valueSerde: Serdes.json() })
  },

  W5(builder, named) {
    const impressions = builder.stream(topic(named('bench-w5-imp'), { key: string, value: string }))
    const clicks = builder.stream(topic(named('bench-w5-clk'), { key: string, value: string }))
    impressions
      .join(
        clicks,
        (impression, click) => `${impression}:${click}`,
        JoinWindows.ofTimeDifferenceAndGrace(10_000, 5_000),
        { keySerde: string, valueSerde: string, otherValueSerde: string },
      )
      .to(named('bench-w5-out'), { valueSerde: string })
  },

  W6(builder, named) {
    builder
      .stream(topic(named('bench-w6-in'), { key: string, value: string }))
      .groupByKey()
      .windowedBy(SessionWindows.ofInactivityGapAndGrace(30_000, 10_000))
      .count()
      .toStream((_count, { key, window }) => `${key}@${window.start}-${window.end}`)
      .to(named('bench-w6-out'), { keySerde: string })
  },
}
