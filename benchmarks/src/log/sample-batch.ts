import { RecordBatchBuilder } from '@millrace/kafka-protocol'

/** Bytes of a record's key and value together. */
export const recordBytes = 100

/** A batch of so many records of 100 bytes. */
export function sampleBatch(records: number): Uint8Array {
  const builder = new RecordBatchBuilder({ initialBytes: 64 * 1024 })
  const value = new Uint8Array(recordBytes - 10)
  for (let record = 0; record < records; record++) {
    const key = Buffer.from(String(record).padStart(10, '0'))
    builder.append(1_700_000_000_000 + record, key, value.fill(record & 127))
  }
  return Uint8Array.from(builder.build())
}
