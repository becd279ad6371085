import { expect, it } from 'vitest'
import { AbortedTransactionFilter } from '../src/aborted-transaction-filter.ts'
import { encodeControlBatch, readControlRecord } from '../src/control-record.ts'
import { RecordBatchBuilder } from '../src/record-batch-builder.ts'
import { RecordBatchReader } from '../src/record-batch-reader.ts'
import { vectorBytes } from './vectors/read-vectors.ts'

it('is written as Kafka writes it', () => {
  const reader = new RecordBatchReader(vectorBytes('txn.bin'))
  while (reader.nextBatch() && !reader.isControl);
  const written = encodeControlBatch('commit', {
    producerId: reader.producerId,
    producerEpoch: reader.producerEpoch,
    coordinatorEpoch: 0,
    timestamp: reader.maxTimestamp,
  })
  expect(Buffer.from(written.subarray(16))).toEqual(Buffer.from(reader.batchBytes.subarray(16)))
  expect(readControlRecord(reader)).toEqual({ type: 'commit', coordinatorEpoch: 0 })
})

it('hides the aborted transaction of two that overlap, as the Java consumer does', () => {
  const reader = new RecordBatchReader(vectorBytes('txn-interleaved.bin'))
  const index = new DataView(Uint8Array.from(vectorBytes('txn-interleaved.0.txnindex.bin')).buffer)
  const filter = new AbortedTransactionFilter([
    { producerId: index.getBigInt64(2), firstOffset: Number(index.getBigInt64(10)) },
  ])
  const visible: number[] = []
  while (reader.nextBatch()) if (filter.isVisible(reader)) visible.push(reader.baseOffset)
  expect(visible).toEqual([1, 3, 6])
})

it('shows a producer again after its abort marker', () => {
  const producer = { producerId: 3n, producerEpoch: 0 }
  const builder = new RecordBatchBuilder()
  builder.append(0, null, null)
  const batch = (baseOffset: number) =>
    Buffer.from(builder.build({ ...producer, baseOffset, baseSequence: baseOffset, isTransactional: true }))
  const marker = Buffer.from(encodeControlBatch('abort', { ...producer, coordinatorEpoch: 0, timestamp: 1 }))
  marker.writeBigInt64BE(1n, 0)
  const filter = new AbortedTransactionFilter([{ producerId: 3n, firstOffset: 0 }])
  const reader = new RecordBatchReader(Buffer.concat([batch(0), marker, batch(2)]))
  const visible: number[] = []
  while (reader.nextBatch()) if (filter.isVisible(reader)) visible.push(reader.baseOffset)
  expect(visible).toEqual([2])
})
