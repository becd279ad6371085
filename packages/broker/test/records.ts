import { AbortedTransactionFilter, RecordBatchReader } from '@millrace/kafka-protocol'
import type { IsolationLevel } from '@millrace/log-engine'
import type { Broker } from '../src/index.ts'

/** A record as tests compare it. */
export interface ReadRecord {
  readonly offset: number
  readonly key: string | null
  readonly value: string | null
}

const text = (bytes: Uint8Array | null) => (bytes === null ? null : Buffer.from(bytes).toString())

/** The records of partition 0 that a reader sees, straight from the engine. */
export function recordsOf(
  { engine }: Broker,
  topic: string,
  isolation: IsolationLevel = 'read_uncommitted',
): ReadRecord[] {
  const found = engine.fetch({ topic, partition: 0 }, 0, { isolation, maxBytes: 10_000_000 })
  const filter = new AbortedTransactionFilter(found.abortedTransactions)
  const reader = new RecordBatchReader(found.batches)
  const records: ReadRecord[] = []
  while (reader.nextBatch()) {
    if (!filter.isVisible(reader)) continue
    while (reader.nextRecord())
      records.push({ offset: reader.offset, key: text(reader.key), value: text(reader.value) })
  }
  return records
}
