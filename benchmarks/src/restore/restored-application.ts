import { join } from 'node:path'
import { KafkaStreams, type KafkaStreamsOptions, Serdes, StreamsBuilder, type StreamsProperties } from 'millrace'
import { embeddedClientSupplier, type LogEngine } from 'millrace/embedded'

/** What is restored: one table, its changelog filled as the peers fill theirs. */
export const restoredTable = {
  applicationId: 'bench-restore',
  input: 'bench-restore-in',
  changelog: 'bench-restore-s-changelog',
  partitions: 4,
} as const

/** In memory, on LevelDB, or one of these with a snapshot at hand. */
export type RestoreTarget = 'memory' | 'persistent' | 'memory-snapshot' | 'persistent-snapshot'

/** From start() to RUNNING. */
export interface RestorePass {
  readonly records: number
  /** From the first record to the last; 0 when nothing was restored. */
  readonly seconds: number
  readonly startToRunningSeconds: number
  readonly cpuSeconds: number
  /** Running; to be closed. */
  readonly streams: KafkaStreams
}

/** Starts the application on a log, and measures how its stores are restored. `dir`: its state and its snapshots. */
export async function startRestored(
  log: LogEngine,
  target: RestoreTarget,
  dir: string,
  overrides: StreamsProperties = {},
  options: KafkaStreamsOptions = {},
): Promise<RestorePass> {
  const builder = new StreamsBuilder()
  const text = Serdes.string()
  builder
    .stream<string, string>(restoredTable.input, { keySerde: text, valueSerde: text })
    .groupByKey()
    .reduce((_before, after) => after, {
      storeName: 's',
      keySerde: text,
      valueSerde: text,
      storeType: target.startsWith('memory') ? 'in_memory' : 'rocksDB',
    })
  const settings: StreamsProperties = {
    'application.id': restoredTable.applicationId,
    'processing.guarantee': 'exactly_once_v2',
    'state.dir': join(dir, 'state'),
    logger: { info() {}, warn() {}, error() {} },
    ...(target.endsWith('snapshot')
      ? { 'state.snapshot.dir': join(dir, 'snapshots'), 'state.snapshot.interval.ms': 0 }
      : {}),
    ...overrides,
  }
  const streams = new KafkaStreams(builder.build(), settings, embeddedClientSupplier(log), options)
  let [records, first, last] = [0, 0n, 0n]
  streams.setGlobalStateRestoreListener({
    onRestoreStart() {
      if (first === 0n) first = process.hrtime.bigint()
    },
    onRestoreEnd(_partition, _store, total) {
      last = process.hrtime.bigint()
      records += total
    },
  })
  const cpu = process.cpuUsage()
  const start = process.hrtime.bigint()
  await streams.start()
  const end = process.hrtime.bigint()
  const { user, system } = process.cpuUsage(cpu)
  return {
    records,
    seconds: records === 0 ? 0 : Number(last - first) / 1e9,
    startToRunningSeconds: Number(end - start) / 1e9,
    cpuSeconds: (user + system) / 1e6,
    streams,
  }
}
