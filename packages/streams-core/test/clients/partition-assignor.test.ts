import { expect, test } from 'vitest'
import { readPartitionHistory, writePartitionHistory } from '../../src/clients/group/partition-assignor.ts'

const subscription = {
  generationId: 7,
  previous: [
    { topic: 'words', partition: 0 },
    { topic: 'words', partition: 2 },
    { topic: 'lines', partition: 1 },
  ],
}

test('the bytes of a subscription are a format', () => {
  const bytes = writePartitionHistory({ generationId: 7, previous: [{ topic: 'w', partition: 2 }] })
  expect(Buffer.from(bytes).toString('hex')).toBe('000100000007000000010001770000000100000002')
})

test('a subscription is read as it was written', () => {
  expect(readPartitionHistory(writePartitionHistory(subscription))).toEqual(subscription)
})

test('bytes that a later version adds are left alone', () => {
  const bytes = Uint8Array.from([...writePartitionHistory(subscription), 1, 2, 3])
  bytes[1] = 2
  expect(readPartitionHistory(bytes)).toEqual(subscription)
})

test('a member without history has had nothing', () => {
  expect(readPartitionHistory(null)).toEqual({ generationId: -1, previous: [] })
})
