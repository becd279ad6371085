import { Serdes } from '@millrace/serdes'
import { expect, test } from 'vitest'
import { WindowedSerdes } from '../src/index.ts'
import { windowedStreamPartitioner } from '../src/windowed-stream-partitioner.ts'

test('all windows of a key go to the partition of the key', () => {
  const partitioner = windowedStreamPartitioner(WindowedSerdes.timeWindowedSerdeFrom(Serdes.string(), 10) as never)!
  const partitions = [0, 10, 20].map((start) =>
    partitioner('topic', { key: 'a', window: { start, end: start + 10 } }, null, 7),
  )
  expect(partitions).toEqual([partitions[0], partitions[0], partitions[0]])
  expect(partitioner('topic', { key: 'b', window: { start: 0, end: 10 } }, null, 7)).not.toBe(partitions[0])
})

test('a record without a key, and keys without windows, go by the default', () => {
  const partitioner = windowedStreamPartitioner(WindowedSerdes.sessionWindowedSerdeFrom(Serdes.string()) as never)!
  expect(partitioner('topic', null, null, 7)).toBeUndefined()
  expect(windowedStreamPartitioner(Serdes.string() as never)).toBeUndefined()
})
