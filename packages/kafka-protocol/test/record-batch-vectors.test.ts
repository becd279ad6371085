import { beforeAll, describe, expect, it } from 'vitest'
import { prepareCompression } from '../src/compression.ts'
import { RecordBatchBuilder } from '../src/record-batch-builder.ts'
import { RecordBatchReader } from '../src/record-batch-reader.ts'
import { describeBytes, type VectorRecord, vectorBytes, vectors } from './vectors/read-vectors.ts'

beforeAll(prepareCompression)

const plain = vectors.filter(({ batches }) =>
  batches.every(({ compression, timestampType }) => compression === 'none' && timestampType === 'CreateTime'),
)

describe('bytes that Kafka wrote', () => {
  it.each(vectors)('have the header fields that the Java client reads: $file', ({ file, batches }) => {
    const reader = new RecordBatchReader(vectorBytes(file))
    for (const batch of batches) {
      expect(reader.nextBatch()).toBe(true)
      expect({
        position: reader.position,
        sizeInBytes: reader.sizeInBytes,
        baseOffset: reader.baseOffset,
        partitionLeaderEpoch: reader.leaderEpoch,
        crc: reader.crc,
        attributes: reader.attributes,
        compression: reader.compression,
        timestampType: reader.hasLogAppendTime ? 'LogAppendTime' : 'CreateTime',
        isTransactional: reader.isTransactional,
        isControl: reader.isControl,
        lastOffsetDelta: reader.lastOffsetDelta,
        baseTimestamp: reader.baseTimestamp,
        maxTimestamp: reader.maxTimestamp,
        producerId: Number(reader.producerId),
        producerEpoch: reader.producerEpoch,
        baseSequence: reader.baseSequence,
        recordsCount: reader.recordCount,
      }).toEqual(Object.fromEntries(Object.entries(batch).filter(([name]) => !unreadFields.includes(name))))
      expect(reader.isCrcValid).toBe(true)
    }
    expect(reader.nextBatch()).toBe(false)
  })

  it.each(vectors)('have the same records: $file', ({ file, batches }) => {
    const reader = new RecordBatchReader(vectorBytes(file))
    for (const batch of batches) {
      reader.nextBatch()
      expect(readRecords(reader)).toEqual(
        batch.records.map(({ offset, timestamp, sequence, keyHex, valueHex, headers }) => ({
          offset,
          timestamp,
          sequence,
          keyHex,
          valueHex,
          headers,
        })),
      )
    }
  })

  it.each(plain)('are what the builder writes: $file', ({ file }) => {
    const reader = new RecordBatchReader(vectorBytes(file))
    while (reader.nextBatch()) expect(rebuild(reader)).toEqual(Buffer.from(reader.batchBytes))
  })
})

const unreadFields = ['batchLength', 'magic', 'crcValid', 'records']

function readRecords(reader: RecordBatchReader): VectorRecord[] {
  const records: VectorRecord[] = []
  while (reader.nextRecord()) {
    records.push({
      offset: reader.offset,
      timestamp: reader.timestamp,
      sequence: reader.sequence,
      keyHex: reader.key && Buffer.from(reader.key).toString('hex'),
      valueHex: describeBytes(reader.value),
      headers: reader.headers.map(({ key, value }) => ({ key, valueHex: describeBytes(value) })),
    })
  }
  return records
}

function rebuild(reader: RecordBatchReader): Buffer {
  const builder = new RecordBatchBuilder({ initialBytes: 64, baseTimestamp: reader.baseTimestamp })
  while (reader.nextRecord()) {
    builder.append(reader.timestamp, reader.key, reader.value, reader.headers)
  }
  return Buffer.from(
    builder.build({
      baseOffset: reader.baseOffset,
      leaderEpoch: reader.leaderEpoch,
      producerId: reader.producerId,
      producerEpoch: reader.producerEpoch,
      baseSequence: reader.baseSequence,
      isTransactional: reader.isTransactional,
      isControl: reader.isControl,
    }),
  )
}
