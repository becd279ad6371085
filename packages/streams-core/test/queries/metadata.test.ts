import { Serdes } from '@millrace/serdes'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ClicksApplication, clicksApplication, partitionOf } from './clicks.ts'

let application: ClicksApplication

beforeAll(async () => {
  application = await clicksApplication({ 'application.server': 'localhost:7070' })
  application.produce('clicks', [['ada', 'a', 1_000]])
  await application.streams.start()
  await application.settled()
})

afterAll(() => application.close())

const here = { host: 'localhost', port: 7070 }

test('a key is found where its serde or a partitioner puts it', () => {
  const { streams } = application
  for (const key of ['ada', 'bob', 'cyd', 'dan']) {
    const expected = { activeHost: here, standbyHosts: [], partition: partitionOf(key) }
    expect(streams.queryMetadataForKey('counts', key)).toEqual(expected)
    expect(streams.queryMetadataForKey('counts', key, Serdes.string())).toEqual(expected)
  }
  expect(streams.queryMetadataForKey('counts', 'ada', () => 1)).toMatchObject({ activeHost: here, partition: 1 })
  expect(() => streams.queryMetadataForKey('counts', 'ada', () => [0, 1])).toThrow(/one partition is needed/)
  expect(streams.queryMetadataForKey('countries', 'fr')).toMatchObject({ activeHost: here, partition: -1 })
})

test('an instance says what it has', () => {
  const [metadata, ...others] = application.streams.streamsMetadataForStore('counts')
  expect(others).toEqual([])
  expect(metadata?.hostInfo).toEqual(here)
  expect(metadata?.stateStoreNames).toEqual(['counts', 'hourly', 'visits', 'recent', 'plans', 'countries'])
  expect(metadata?.topicPartitions).toContainEqual({ topic: 'clicks', partition: 1 })
  expect(() => application.streams.streamsMetadataForStore('nothing')).toThrow(/no store 'nothing'/)
})

test('logged stores of running tasks are not behind', async () => {
  const lags = await application.streams.allLocalStorePartitionLags()
  expect([...lags.keys()].sort()).toEqual(['counts', 'hourly', 'plans', 'visits'])
  const lag = lags.get('counts')!.get(partitionOf('ada'))!
  expect(lag.endOffsetPosition).toBeGreaterThan(0)
  expect(lag.offsetLag).toBe(0)
})

test('application.server must be host:port', async () => {
  await expect(clicksApplication({ 'application.server': 'localhost' })).rejects.toThrow(/must be host:port/)
})
