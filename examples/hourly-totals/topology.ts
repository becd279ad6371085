import { Serdes, StreamsBuilder, Suppressed, TimeWindows, type Topology, topic, WindowedSerdes } from 'millrace'

/** Key: the shop; value: an amount in cents. */
export const sales = topic('sales', { key: Serdes.string(), value: Serdes.int64() })
export const hourlyTotals = topic('hourly-totals', {
  key: WindowedSerdes.timeWindowedSerdeFrom(Serdes.string(), 3_600_000),
  value: Serdes.int64(),
})

/** Adds up the sales of each shop and hour, and sends one total when the hour is over and five minutes have passed for latecomers. */
export function buildTopology(): Topology {
  const builder = new StreamsBuilder()
  builder
    .stream(sales)
    .groupByKey()
    .windowedBy(TimeWindows.ofSizeAndGrace(3_600_000, 300_000))
    .reduce((total, amount) => total + amount, { storeName: 'totals' })
    .suppress(Suppressed.untilWindowCloses(), { name: 'until-the-hour-is-over' })
    .toStream()
    .to(hourlyTotals)
  return builder.build()
}
