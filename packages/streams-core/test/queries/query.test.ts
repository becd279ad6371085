import { afterAll, beforeAll, expect, test } from 'vitest'
import type { KafkaStreams } from '../../src/kafka-streams.ts'
import {
  KeyQuery,
  MultiVersionedKeyQuery,
  RangeQuery,
  type StateQuery,
  TimestampedKeyQuery,
  TimestampedRangeQuery,
  VersionedKeyQuery,
  WindowKeyQuery,
  WindowRangeQuery,
} from '../../src/queries/state-query.ts'
import { type ClicksApplication, clicksApplication, hourMs, partitionOf, runningApplication, until } from './clicks.ts'

let application: ClicksApplication
let streams: KafkaStreams

beforeAll(async () => {
  application = await runningApplication()
  streams = application.streams
})

afterAll(() => application.close())

/** The answer of the partition in which `ada` is. */
function ask<R>(storeName: string, query: StateQuery<R>): R {
  const partition = partitionOf('ada')
  const answer = streams.query(storeName, query, { partitions: [partition] }).partitionResults.get(partition)!
  if (!answer.isSuccess) throw new Error(`${answer.failureReason}: ${answer.failureMessage}`)
  return answer.result
}

test('one key', () => {
  expect(ask('counts', KeyQuery.withKey<string, number>('ada'))).toBe(3)
  expect(ask('counts', KeyQuery.withKey<string, number>('eve'))).toBeNull()
  expect(ask('counts', TimestampedKeyQuery.withKey<string, number>('ada'))).toEqual({
    value: 3,
    timestamp: hourMs + 1_000,
  })
})

test('ranges of keys, in both orders', () => {
  const here = ['ada', 'bob', 'cyd', 'dan'].filter((key) => partitionOf(key) === partitionOf('ada'))
  const keys = (query: RangeQuery<string, number>) => Array.from(ask('counts', query), ([key]) => key)
  expect(keys(RangeQuery.withNoBounds())).toEqual(here)
  expect(keys(RangeQuery.withNoBounds({ order: 'descending' }))).toEqual([...here].reverse())
  expect(keys(RangeQuery.withLowerBound('b'))).toEqual(here.filter((key) => key >= 'b'))
  expect(keys(RangeQuery.withUpperBound('b'))).toEqual(here.filter((key) => key <= 'b'))
  expect(keys(RangeQuery.withRange('b', 'cz'))).toEqual(here.filter((key) => key >= 'b' && key <= 'cz'))
  const timestamped = ask('counts', TimestampedRangeQuery.withRange<string, number>('ada', 'ada'))
  expect([...timestamped]).toEqual([['ada', { value: 3, timestamp: hourMs + 1_000 }]])
})

test('windows of a key, and of a time', () => {
  const windows = ask('hourly', WindowKeyQuery.withKeyAndWindowStartRange<string, { value: number }>('ada', 0, hourMs))
  expect(Array.from(windows, ([start, { value }]) => [start, value])).toEqual([
    [0, 2],
    [hourMs, 1],
  ])
  const later = ask('hourly', WindowRangeQuery.withWindowStartRange<string, unknown>(hourMs, hourMs))
  expect(Array.from(later, ([{ key }]) => key)).toContain('ada')
})

test('sessions of a key', () => {
  expect([...ask('visits', WindowRangeQuery.withKey<string, number>('ada'))]).toEqual([
    [{ key: 'ada', window: { start: 1_000, end: 5_000 } }, 2],
    [{ key: 'ada', window: { start: hourMs + 1_000, end: hourMs + 1_000 } }, 1],
  ])
})

test('versions of a key', () => {
  expect(ask('plans', VersionedKeyQuery.withKey<string, string>('ada'))?.value).toBe('paid')
  expect(ask('plans', VersionedKeyQuery.withKey<string, string>('ada', { asOf: 2_000 }))).toEqual({
    value: 'free',
    timestamp: 1_000,
    validTo: 5_000,
  })
  const values = (order: 'ascending' | 'descending') =>
    ask('plans', MultiVersionedKeyQuery.withKey<string, string>('ada', { order })).map(({ value }) => value)
  expect(values('ascending')).toEqual(['free', 'paid'])
  expect(values('descending')).toEqual(['paid', 'free'])
})

test('a global table answers as a whole', () => {
  const answer = streams.query('countries', KeyQuery.withKey<string, string>('fr'))
  expect(answer.partitionResults.size).toBe(0)
  expect(answer.globalResult).toMatchObject({ isSuccess: true, result: 'France' })
})

test('all partitions answer, and the only result is found', () => {
  const answer = streams.query('counts', KeyQuery.withKey<string, number>('bob'), { enableExecutionInfo: true })
  expect([...answer.partitionResults.keys()]).toEqual([0, 1])
  expect(answer.onlyPartitionResult()?.result).toBe(1)
  expect(answer.onlyPartitionResult()?.executionInfo[0]).toMatch(/^KeyQuery on store 'counts' of task 0_\d took/)
})

test('each partition says why it fails', () => {
  const reasons = (storeName: string, query: StateQuery<unknown>, partitions: readonly number[]) =>
    Array.from(streams.query(storeName, query, { partitions }).partitionResults.values(), (answer) =>
      answer.isSuccess ? 'success' : answer.failureReason,
    )
  expect(reasons('counts', KeyQuery.withKey('ada'), [0, 7])).toEqual(['success', 'DOES_NOT_EXIST'])
  expect(reasons('counts', VersionedKeyQuery.withKey('ada'), [0])).toEqual(['UNKNOWN_QUERY_TYPE'])
  expect(reasons('recent', WindowRangeQuery.withKey('ada'), [1])).toEqual(['UNKNOWN_QUERY_TYPE'])
  expect(reasons('counts', KeyQuery.withKey(5), [0])).toEqual(['STORE_EXCEPTION'])
  expect(() => streams.query('nothing', KeyQuery.withKey('a'))).toThrow(/no store 'nothing'/)
})

test('a position bound reads what was written before', async () => {
  const partition = partitionOf('zoe')
  const offset = application.log.listOffset({ topic: 'clicks', partition }, 'latest').offset
  const positionBound = { clicks: { [partition]: offset } }
  const query = () =>
    streams.query('counts', KeyQuery.withKey<string, number>('zoe'), { positionBound }).partitionResults.get(partition)!
  expect(query()).toMatchObject({ isSuccess: false, failureReason: 'NOT_UP_TO_BOUND' })
  application.produce('clicks', [['zoe', 'a', hourMs + 3_000]])
  await until(() => query().isSuccess)
  expect(query()).toMatchObject({ result: 1, position: positionBound })
})

test('a key without what the record cache holds back', async () => {
  const idle = await clicksApplication({ 'processing.guarantee': 'at_least_once', 'commit.interval.ms': 60_000 })
  const ask = (skipCache: boolean) =>
    idle.streams
      .query('counts', KeyQuery.withKey<string, number>('ada', { skipCache }), { partitions: [partitionOf('ada')] })
      .onlyPartitionResult()?.result
  try {
    await idle.streams.start()
    idle.produce('clicks', [['ada', 'a', 1_000]])
    await until(() => ask(false) === 1)
    expect(ask(true) ?? null).toBeNull()
  } finally {
    await idle.close()
  }
})
