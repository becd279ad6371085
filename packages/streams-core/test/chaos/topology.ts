import { Serdes, topic } from '@millrace/serdes'
import { StreamsBuilder } from '../../src/streams-builder.ts'
import type { Topology } from '../../src/topology.ts'
import { TimeWindows } from '../../src/windows/time-windows.ts'
import { WindowedSerdes } from '../../src/windows/windowed-serde.ts'

const text = Serdes.string()

export const partitions = 4
export const windowMs = 10_000

/** Value: the user. */
export const clicks = topic('clicks', { key: text, value: text })
/** User to region. */
export const users = topic('users', { key: text, value: text })
export const counts = topic('clicks-by-region', {
  key: WindowedSerdes.timeWindowedSerdeFrom(text, windowMs),
  value: Serdes.int64(),
})

/** Clicks find the region of their user, and are counted by region and window: a join, two repartitions, a windowed count. */
export function chaosTopology(): Topology {
  const builder = new StreamsBuilder()
  const regions = builder.table(users, { storeName: 'users' })
  builder
    .stream(clicks)
    .selectKey((user) => user, { name: 'by-user' })
    .join(regions, (_user, region) => region, { name: 'with-region', keySerde: text, valueSerde: text })
    .groupBy((region) => region, { name: 'by-region', keySerde: text, valueSerde: text })
    .windowedBy(TimeWindows.ofSizeAndGrace(windowMs, 86_400_000))
    .count({ storeName: 'counts' })
    .toStream()
    .to(counts)
  return builder.build()
}
