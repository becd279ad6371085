import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { embeddedClientSupplier } from '../../src/clients/embedded/embedded-client-supplier.ts'
import type { InvalidStateStoreError } from '../../src/errors.ts'
import type { KafkaStreams } from '../../src/kafka-streams.ts'
import { QueryableStoreTypes } from '../../src/queries/queryable-store-types.ts'
import { KeyQuery } from '../../src/queries/state-query.ts'
import {
  type ClicksApplication,
  clicksApplication,
  clicksInstance,
  hourMs,
  partitionOf,
  runningApplication,
  until,
} from './clicks.ts'

let application: ClicksApplication
let streams: KafkaStreams

beforeAll(async () => {
  application = await runningApplication()
  streams = application.streams
})

afterAll(() => application.close())

const users = ['ada', 'bob', 'cyd', 'dan']

/** Partition after partition, keys in order within each. */
function inStoreOrder(keys: readonly string[]): string[] {
  return [0, 1].flatMap((partition) => keys.filter((key) => partitionOf(key) === partition).sort())
}

test('the keys are in both partitions', () => {
  expect(new Set(users.map(partitionOf))).toEqual(new Set([0, 1]))
})

describe('views of stores', () => {
  test('key-value: values without their timestamps, partition after partition', () => {
    const counts = streams.store('counts', QueryableStoreTypes.keyValueStore<string, number>())
    expect(users.map((user) => counts.get(user))).toEqual([3, 1, 1, 1])
    expect(counts.get('eve')).toBeNull()
    expect([...counts.all()].map(([key]) => key)).toEqual(inStoreOrder(users))
    expect([...counts.range('b', 'cz')].map(([key]) => key)).toEqual(inStoreOrder(['bob', 'cyd']))
    expect([...counts.reverseAll()].map(([key]) => key).sort()).toEqual(users)
    expect([...counts.prefixScan(Buffer.from('d'))]).toEqual([['dan', 1]])
    expect(counts.approximateNumEntries()).toBe(4)
  })

  test('key-value with timestamps', () => {
    const counts = streams.store('counts', QueryableStoreTypes.timestampedKeyValueStore<string, number>())
    expect(counts.get('ada')).toEqual({ value: 3, timestamp: hourMs + 1_000 })
  })

  test('key-value in memory, without changelog', () => {
    expect(streams.store<string, number>('recent').get('ada')).toBe(3)
  })

  test('window', () => {
    const hourly = streams.store('hourly', QueryableStoreTypes.windowStore<string, number>())
    expect([...hourly.fetch('ada', 0, 2 * hourMs)]).toEqual([
      [0, 2],
      [hourMs, 1],
    ])
    expect([...hourly.backwardFetch('ada', 0, 2 * hourMs)].map(([start]) => start)).toEqual([hourMs, 0])
    expect(hourly.fetchOne('dan', hourMs)).toBe(1)
    expect([...hourly.fetchAll(0, 0)].map(([{ key }]) => key)).toEqual(inStoreOrder(['ada', 'bob', 'cyd']))
    const timestamped = streams.store('hourly', QueryableStoreTypes.timestampedWindowStore<string, number>())
    expect(timestamped.fetchOne('ada', 0)).toEqual({ value: 2, timestamp: 5_000 })
  })

  test('session', () => {
    const visits = streams.store('visits', QueryableStoreTypes.sessionStore<string, number>())
    expect([...visits.fetch('ada')]).toEqual([
      [{ key: 'ada', window: { start: 1_000, end: 5_000 } }, 2],
      [{ key: 'ada', window: { start: hourMs + 1_000, end: hourMs + 1_000 } }, 1],
    ])
    expect(visits.fetchSession('ada', 1_000, 5_000)).toBe(2)
    expect(new Set([...visits.fetchRange(null, null)].map(([{ key }]) => key))).toEqual(new Set(users))
  })

  test('versioned', () => {
    const plans = streams.store('plans', QueryableStoreTypes.versionedKeyValueStore<string, string>())
    expect(plans.get('ada')).toEqual({ value: 'paid', timestamp: 5_000, validTo: undefined })
    expect(plans.getAsOf('ada', 4_999)?.value).toBe('free')
    expect(plans.getAsOf('ada', 999)).toBeNull()
    expect([...plans.getRange('ada', 0, 9_000, true)].map(([, { value }]) => value)).toEqual(['free', 'paid'])
  })

  test('global table', () => {
    expect(streams.store<string, string>('countries').get('fr')).toBe('France')
  })

  test('one partition only', () => {
    const partition = partitionOf('ada')
    const type = QueryableStoreTypes.keyValueStore<string, number>()
    expect(streams.store('counts', type, { partition }).get('ada')).toBe(3)
    expect(streams.store('counts', type, { partition: 1 - partition }).get('ada')).toBeNull()
  })
})

describe('what cannot be read says why', () => {
  test('a store that is not in the topology', () => {
    expect(() => streams.store('count')).toThrow(/no store 'count' .* has 'counts', 'hourly'/)
  })

  test('a store of another kind', () => {
    expect(() => streams.store('counts', QueryableStoreTypes.windowStore())).toThrow(/as a window store/)
    expect(() => streams.store('hourly')).toThrow(/as a key-value store/)
  })

  test('a partition that does not exist', () => {
    expect(() => streams.store('counts', undefined, { partition: 2 })).toThrow(/no partition 2; it has 2/)
  })

  test('a closed iterator', () => {
    const entries = streams.store('counts').all()
    entries.next()
    entries.close()
    expect(() => entries.next()).toThrow(/after close\(\)/)
  })
})

test('a view refuses to be read before the start and after the end', async () => {
  const other = await clicksApplication()
  expect(() => other.streams.store('counts')).toThrow(expect.objectContaining({ code: 'STREAMS_NOT_STARTED' }))
  other.produce('clicks', [['ada', 'a', 1_000]])
  await other.streams.start()
  await other.settled()
  const counts = other.streams.store<string, number>('counts')
  expect(counts.get('ada')).toBe(1)
  await other.streams.close()
  const gone = expect.objectContaining({ code: 'STREAMS_STATE_STORE_NOT_AVAILABLE' })
  expect(() => counts.get('ada')).toThrow(gone)
  await other.close()
})

test('under exactly-once a view shows what is committed; read_uncommitted shows what the task sees', async () => {
  const slow = await clicksApplication({ 'commit.interval.ms': 60_000, 'statestore.cache.max.bytes': 0 })
  await slow.streams.start()
  slow.produce('clicks', [['ada', 'a', 1_000]])
  const type = QueryableStoreTypes.keyValueStore<string, number>()
  const uncommitted = slow.streams.store('counts', type, { isolation: 'read_uncommitted' })
  await until(() => uncommitted.get('ada') === 1)
  expect(slow.streams.store('counts', type).get('ada')).toBeNull()
  expect([...slow.streams.store('counts', type).all()]).toEqual([])
  await slow.close()
})

test('under at-least-once a view shows what the task sees', async () => {
  const slow = await clicksApplication({ 'processing.guarantee': 'at_least_once', 'commit.interval.ms': 60_000 })
  await slow.streams.start()
  slow.produce('clicks', [['ada', 'a', 1_000]])
  const counts = slow.streams.store<string, number>('counts')
  await until(() => counts.get('ada') === 1)
  await slow.close()
})

test('while it is restored, a store is not available, but a stale one is', async () => {
  const lost = await clicksApplication()
  lost.produce('clicks', [['ada', 'a', 1_000]])
  await lost.streams.start()
  await lost.settled()
  await lost.streams.close()
  const clients = embeddedClientSupplier(lost.log)
  const second = clicksInstance(join(lost.directory, 'other-state'), clients, {})
  const partition = partitionOf('ada')
  const type = QueryableStoreTypes.keyValueStore<string, number>()
  const seen: unknown[] = []
  second.setGlobalStateRestoreListener({
    onBatchRestored: (restored, storeName) => {
      if (storeName !== 'counts' || restored.partition !== partition) return
      try {
        second.store('counts', type, { partition })
      } catch (error) {
        seen.push((error as InvalidStateStoreError).code)
      }
      seen.push(second.store('counts', type, { partition, enableStaleStores: true }).get('ada'))
      const answer = second.query('counts', KeyQuery.withKey('ada'), { partitions: [partition], requireActive: true })
      seen.push(answer.partitionResults.get(partition)!.isSuccess)
    },
  })
  await second.start()
  expect(seen.slice(0, 3)).toEqual(['STREAMS_STATE_STORE_NOT_AVAILABLE', 1, false])
  const positionBound = { clicks: { [partition]: 0 } }
  const answer = second.query('counts', KeyQuery.withKey('ada'), { partitions: [partition], positionBound })
  expect(answer.onlyPartitionResult()).toMatchObject({ result: 1, position: positionBound })
  await second.close()
  await lost.close()
})
