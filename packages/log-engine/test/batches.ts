import {
  AbortedTransactionFilter,
  type BatchAttributes,
  RecordBatchBuilder,
  RecordBatchReader,
} from '@millrace/kafka-protocol'
import type { FetchOptions, LogEngine, ProducerIdentity, TopicPartition } from '../src/index.ts'

export const t0: TopicPartition = { topic: 't', partition: 0 }
export const t1: TopicPartition = { topic: 't', partition: 1 }

/** A batch with one record per value, keyed `k`. */
export function batchOf(
  values: readonly string[],
  attributes: BatchAttributes = {},
  timestamp = 1_700_000_000_000,
): Uint8Array {
  const builder = new RecordBatchBuilder({ initialBytes: 256 })
  for (const value of values) builder.append(timestamp, Buffer.from('k'), Buffer.from(value))
  return Uint8Array.from(builder.build(attributes))
}

/** A batch of a producer whose first record has this sequence number. */
export function producerBatch(producer: ProducerIdentity, baseSequence: number, ...values: string[]): Uint8Array {
  const { producerId, producerEpoch } = producer
  return batchOf(values, { producerId, producerEpoch, baseSequence })
}

/** The same, in a transaction. */
export function transactionalBatch(producer: ProducerIdentity, baseSequence: number, ...values: string[]): Uint8Array {
  const { producerId, producerEpoch } = producer
  return batchOf(values, { producerId, producerEpoch, baseSequence, isTransactional: true })
}

/** `offset:value` of every visible record from `from` on, fetched to the end. */
export function readAll(engine: LogEngine, partition: TopicPartition, options: FetchOptions = {}, from = 0): string[] {
  const found: string[] = []
  let offset = from
  for (;;) {
    const { batches, abortedTransactions } = engine.fetch(partition, offset, options)
    if (batches.length === 0) return found
    const reader = new RecordBatchReader(batches)
    const filter = new AbortedTransactionFilter(abortedTransactions)
    while (reader.nextBatch()) {
      if (filter.isVisible(reader)) {
        while (reader.nextRecord()) {
          if (reader.offset >= from)
            found.push(`${reader.offset}:${reader.value === null ? 'null' : Buffer.from(reader.value).toString()}`)
        }
      }
      offset = reader.lastOffset + 1
    }
  }
}
