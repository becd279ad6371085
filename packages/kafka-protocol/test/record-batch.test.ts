import { describe, expect, it } from 'vitest'
import { RecordBatchBuilder } from '../src/record-batch-builder.ts'
import { RecordBatchReader } from '../src/record-batch-reader.ts'

const text = (value: string): Uint8Array => new TextEncoder().encode(value)

describe('a record batch', () => {
  it('reads back records, nulls, headers and timestamps far from the first', () => {
    const records = [
      { timestamp: 1_700_000_000_000, key: text('a'), value: text('x'.repeat(100_000)), headers: [] },
      { timestamp: 0, key: null, value: null, headers: [{ key: 'ü', value: text('1') }] },
      { timestamp: 9_007_199_254_740, key: text(''), value: text(''), headers: [{ key: '', value: null }] },
      { timestamp: 1_700_000_000_001, key: text('k'.repeat(300)), value: null, headers: [] },
    ]
    const builder = new RecordBatchBuilder({ initialBytes: 100 })
    for (const { timestamp, key, value, headers } of records) builder.append(timestamp, key, value, headers)
    const reader = new RecordBatchReader(builder.build())
    expect(reader.nextBatch()).toBe(true)
    expect(reader.isCrcValid).toBe(true)
    expect(reader.maxTimestamp).toBe(9_007_199_254_740)
    for (const [index, { timestamp, key, value, headers }] of records.entries()) {
      expect(reader.nextRecord()).toBe(true)
      expect(reader.offset).toBe(index)
      expect(reader.timestamp).toBe(timestamp)
      expect(reader.key && Uint8Array.from(reader.key)).toEqual(key)
      expect(reader.value?.length).toBe(value?.length)
      expect(
        reader.headers.map((header) => ({ ...header, value: header.value && Uint8Array.from(header.value) })),
      ).toEqual(headers)
      expect(reader.hasHeaders).toBe(headers.length > 0)
    }
    expect(reader.nextRecord()).toBe(false)
    expect(reader.nextBatch()).toBe(false)
  })

  it('is the same after reset as when new', () => {
    const builder = new RecordBatchBuilder()
    builder.append(5, text('a'), text('b'))
    const first = Uint8Array.from(builder.build())
    builder.append(6, text('c'), null)
    builder.reset()
    builder.append(5, text('a'), text('b'))
    expect(Uint8Array.from(builder.build())).toEqual(first)
  })

  it('is gzip-compressed as one block', () => {
    const builder = new RecordBatchBuilder()
    for (let i = 0; i < 100; i++) builder.append(i, text(`key-${i % 3}`), text('value'))
    const batch = builder.build({
      compression: 'gzip',
      baseOffset: 40,
      producerId: 7n,
      producerEpoch: 1,
      baseSequence: 2 ** 31 - 10,
    })
    expect(batch.length).toBeLessThan(builder.sizeInBytes / 2)
    const reader = new RecordBatchReader(batch)
    reader.nextBatch()
    let count = 0
    while (reader.nextRecord()) expect(reader.offset).toBe(40 + count++)
    expect(count).toBe(100)
    expect(reader.lastSequence).toBe(89)
  })

  it('skips the records not read when moving to the next batch', () => {
    const builder = new RecordBatchBuilder()
    builder.append(1, text('a'), null)
    builder.append(2, text('b'), null)
    const batch = builder.build()
    const reader = new RecordBatchReader(Buffer.concat([batch, batch]))
    reader.nextBatch()
    reader.nextRecord()
    expect(reader.nextBatch()).toBe(true)
    expect(reader.position).toBe(batch.length)
    expect(reader.nextRecord()).toBe(true)
    expect(reader.timestamp).toBe(1)
  })

  it('ends before a batch that is cut off', () => {
    const builder = new RecordBatchBuilder()
    builder.append(1, text('a'), text('b'))
    const batch = builder.build()
    for (let length = 0; length < batch.length; length++) {
      expect(new RecordBatchReader(batch.subarray(0, length)).nextBatch()).toBe(false)
    }
  })

  it('never reads past a damaged record, whichever byte is damaged', () => {
    const builder = new RecordBatchBuilder()
    for (let i = 0; i < 3; i++) builder.append(i, text('key'), text('value'), [{ key: 'h', value: text('v') }])
    const batch = builder.build()
    for (let at = 8; at < batch.length; at++) {
      for (const flip of [0x01, 0x80, 0xff]) {
        const damaged = Uint8Array.from(batch)
        damaged[at] = damaged[at]! ^ flip
        const reader = new RecordBatchReader(damaged)
        try {
          if (at >= 21 && reader.nextBatch()) expect(reader.isCrcValid).toBe(false)
          while (reader.nextRecord()) expect(reader.headers.length).toBeLessThan(300)
        } catch (error) {
          expect(error).toMatchObject({ name: 'ProtocolError' })
        }
      }
    }
  })

  it('says which codec is missing', () => {
    const builder = new RecordBatchBuilder()
    builder.append(1, null, null)
    const batch = builder.build()
    batch[22] = 7
    const reader = new RecordBatchReader(batch)
    reader.nextBatch()
    expect(() => reader.nextRecord()).toThrow('codec 7')
  })
})
