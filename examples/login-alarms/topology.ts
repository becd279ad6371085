import { Serdes, StreamsBuilder, TimeWindows, type Topology, topic } from 'millrace'

export interface Login {
  readonly succeeded: boolean
}

export interface Alarm {
  readonly failures: number
  /** Unix ms. */
  readonly from: number
  readonly to: number
}

/** Key: the user. */
export const logins = topic('logins', { key: Serdes.string(), value: Serdes.json<Login>() })
export const alarms = topic('alarms', { key: Serdes.string(), value: Serdes.json<Alarm>() })

/** Raises an alarm when a login has failed three times within a minute; minutes begin every 20 seconds, so that they overlap. */
export function buildTopology(): Topology {
  const builder = new StreamsBuilder()
  builder
    .stream(logins)
    .filterNot(({ succeeded }) => succeeded)
    .groupByKey()
    .windowedBy(TimeWindows.ofSizeAndGrace(60_000, 10_000).advanceBy(20_000))
    .count({ storeName: 'failures' })
    .toStream()
    .filter((failures): failures is number => failures === 3)
    .map((failures, { key, window }) => [key, { failures, from: window.start, to: window.end }])
    .to(alarms)
  return builder.build()
}
