import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { partitionForKey, RecordBatchBuilder } from '@millrace/kafka-protocol'
import { LogEngine } from '@millrace/log-engine'
import { Serdes, topic } from '@millrace/serdes'
import type { KafkaClientSupplier } from '../../src/clients/client-supplier.ts'
import { embeddedClientSupplier } from '../../src/clients/embedded/embedded-client-supplier.ts'
import { Stores } from '../../src/dsl/stores.ts'
import { KafkaStreams } from '../../src/kafka-streams.ts'
import { silentLogger } from '../../src/logger.ts'
import { KeyQuery } from '../../src/queries/state-query.ts'
import { StreamsBuilder } from '../../src/streams-builder.ts'
import type { StreamsProperties } from '../../src/streams-config.ts'
import { SessionWindows } from '../../src/windows/session-windows.ts'
import { TimeWindows } from '../../src/windows/time-windows.ts'

// An application with one store of each kind: clicks of users, counted, and what is known of the users.

const text = { key: Serdes.string(), value: Serdes.string() }
export const clicks = topic('clicks', text)
export const plans = topic('plans', text)
export const countries = topic('countries', text)

export const hourMs = 3_600_000

function clicksTopology() {
  const builder = new StreamsBuilder()
  const byUser = builder.stream(clicks).groupByKey()
  byUser.count({ storeName: 'counts', valueSerde: Serdes.int64() })
  byUser
    .windowedBy(TimeWindows.ofSizeWithNoGrace(hourMs))
    .count({ storeName: 'hourly', valueSerde: Serdes.int64(), retentionMs: 24 * hourMs })
  byUser
    .windowedBy(SessionWindows.ofInactivityGapWithNoGrace(10_000))
    .count({ storeName: 'visits', valueSerde: Serdes.int64(), retentionMs: 24 * hourMs })
  byUser.count({ storeName: 'recent', storeType: 'in_memory', valueSerde: Serdes.int64(), logging: false })
  builder.table(plans, { storeSupplier: Stores.persistentVersionedKeyValueStore('plans', 24 * hourMs) })
  builder.globalTable(countries, { storeName: 'countries' })
  return builder.build()
}

/** The stores as a client of the query service sees them. */
export interface ClicksStores {
  readonly [name: string]: { readonly key: string; readonly value: unknown }
  readonly counts: { readonly key: string; readonly value: number }
  readonly hourly: { readonly key: string; readonly value: number }
  readonly visits: { readonly key: string; readonly value: number }
  readonly plans: { readonly key: string; readonly value: string }
}

export interface ClicksApplication {
  readonly log: LogEngine
  readonly directory: string
  readonly streams: KafkaStreams
  /** `[key, value, timestamp]` into the partitions that the keys belong to. */
  produce(name: string, rows: readonly (readonly [key: string, value: string | null, timestamp: number])[]): void
  /** Waits until the stores hold everything produced. */
  settled(): Promise<void>
  close(): Promise<void>
}

/** Log and state in a directory of its own; topics have two partitions. Not started. */
export async function clicksApplication(overrides: StreamsProperties = {}): Promise<ClicksApplication> {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-'))
  const log = await LogEngine.open({ dir: join(directory, 'log') })
  for (const { name } of [clicks, plans, countries]) log.createTopic({ name, partitions: 2 })
  const streams = clicksInstance(join(directory, 'state'), embeddedClientSupplier(log), overrides)
  return {
    log,
    directory,
    streams,
    produce(name, rows) {
      for (const [key, value, timestamp] of rows) {
        const keyBytes = text.key.serialize(name, key)!
        const batch = new RecordBatchBuilder()
        batch.append(timestamp, keyBytes, text.value.serialize(name, value))
        log.append({ topic: name, partition: partitionOf(key) }, batch.build())
      }
    },
    settled: () =>
      until(() =>
        [['counts', 'clicks'] as const, ['plans', 'plans'] as const].every(([store, topic]) => {
          // Not a range, which would bring all keys into memory.
          const { position } = streams.query(store, KeyQuery.withKey('ada'))
          return [0, 1].every((partition) => {
            const end = log.listOffset({ topic, partition }, 'latest').offset
            return end === 0 || (position[topic]?.[partition] ?? -1) >= end - 1
          })
        }),
      ),
    async close() {
      await streams.close()
      await log.close()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

/**
 * An application that users have clicked in: `ada` thrice, in two windows and two sessions, `bob`, `cyd` and `dan` once. `ada` has
 * another plan than at first. Not started.
 */
export async function clickedApplication(overrides: StreamsProperties = {}): Promise<ClicksApplication> {
  const application = await clicksApplication(overrides)
  application.produce('clicks', [
    ['ada', 'a', 1_000],
    ['bob', 'a', 2_000],
    ['ada', 'b', 5_000],
    ['cyd', 'a', 6_000],
    ['ada', 'c', hourMs + 1_000],
    ['dan', 'a', hourMs + 2_000],
  ])
  application.produce('plans', [
    ['ada', 'free', 1_000],
    ['ada', 'paid', 5_000],
  ])
  application.produce('countries', [['fr', 'France', 0]])
  return application
}

/** The same, started, its stores filled. */
export async function runningApplication(): Promise<ClicksApplication> {
  const application = await clickedApplication()
  await application.streams.start()
  await application.settled()
  return application
}

/** One instance of the application. Not started. */
export function clicksInstance(
  stateDir: string,
  clients: KafkaClientSupplier,
  overrides: StreamsProperties,
): KafkaStreams {
  const properties: StreamsProperties = {
    'application.id': 'clicks',
    'commit.interval.ms': 5,
    'poll.ms': 5,
    'state.dir': stateDir,
    logger: silentLogger,
    ...overrides,
  }
  return new KafkaStreams(clicksTopology(), properties, clients)
}

/** The partition of a key in all topics here. */
export function partitionOf(key: string): number {
  return partitionForKey(text.key.serialize('clicks', key)!, 2)
}

export async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; !condition(); turn += 1) {
    if (turn > 200_000) throw new Error('The condition did not come true.')
    await new Promise((resolve) => setImmediate(resolve))
  }
}
