import { partitionName, type TopicPartition } from '../../topic-partition.ts'
import type { CoordinatorRecord } from '../coordinator-log.ts'
import { RecordReader, RecordWriter } from '../record-bytes.ts'
import type { TransactionMetadata, TransactionStatus } from './transaction-metadata.ts'

/** By the byte that stands for them. */
const statuses: readonly TransactionStatus[] = [
  'empty',
  'ongoing',
  'prepare-commit',
  'prepare-abort',
  'complete-commit',
  'complete-abort',
]

/**
 * The record of a transactional id in `__transaction_state`.
 *
 *   key   | version int16 0 | transactional id string |
 *   value | version int16 0 | producer id int64 | producer epoch int16 | timeout ms int32 | status int8 |
 *         | topics: count int32, each | name string | count int32 | partition int32 … | |
 *         | last update int64 | start int64 | end offset int64, or -1, of each partition above |
 *         | ended by: producer id int64, epoch int16 | next producer id int64 |
 *
 * What follows the start is ours; Kafka's tools do not read so far. The last line is there for transaction version 2 only;
 * -1 stands for none.
 *
 * @see org.apache.kafka.coordinator.transaction.TransactionLog (same bytes: TransactionLogKey, TransactionLogValue)
 */
export function encodeTransaction(transaction: TransactionMetadata): CoordinatorRecord {
  const value = new RecordWriter()
    .int16(0)
    .int64(transaction.producerId)
    .int16(transaction.producerEpoch)
    .int32(transaction.timeoutMs)
    .int8(statuses.indexOf(transaction.status))
  const topics = new Map<string, number[]>()
  for (const { topic, partition } of transaction.partitions.values()) {
    topics.set(topic, [...(topics.get(topic) ?? []), partition])
  }
  value.int32(topics.size)
  for (const [topic, partitions] of topics) {
    value.string(topic).int32(partitions.length)
    for (const partition of partitions) value.int32(partition)
  }
  value.int64(transaction.lastUpdateTimestamp).int64(transaction.startTimestamp)
  for (const [topic, partitions] of topics) {
    for (const partition of partitions)
      value.int64(transaction.endOffsets.get(partitionName({ topic, partition })) ?? -1)
  }
  const { endedBy, nextProducerId } = transaction
  if (endedBy !== null) {
    value
      .int64(endedBy.producerId)
      .int16(endedBy.producerEpoch)
      .int64(nextProducerId ?? -1n)
  }
  return { key: encodeTransactionKey(transaction.transactionalId), value: value.done() }
}

/** The record that removes a transactional id. */
export function transactionTombstone(transactionalId: string): CoordinatorRecord {
  return { key: encodeTransactionKey(transactionalId), value: null }
}

function encodeTransactionKey(transactionalId: string): Uint8Array {
  return new RecordWriter().int16(0).string(transactionalId).done()
}

/** The transactional id of a key; undefined for keys of other kinds. */
export function decodeTransactionKey(key: Uint8Array): string | undefined {
  const reader = new RecordReader(key)
  return reader.int16() === 0 ? reader.string() : undefined
}

/** undefined for a value of a version that is not known. */
export function decodeTransaction(transactionalId: string, value: Uint8Array): TransactionMetadata | undefined {
  const reader = new RecordReader(value)
  if (reader.int16() !== 0) return undefined
  const producerId = reader.bigint64()
  const producerEpoch = reader.int16()
  const timeoutMs = reader.int32()
  const status = statuses[reader.int8()]
  if (status === undefined) return undefined
  const partitions = new Map<string, TopicPartition>()
  for (let topics = reader.int32(); topics > 0; topics--) {
    const topic = reader.string()
    for (let count = reader.int32(); count > 0; count--) {
      const topicPartition = { topic, partition: reader.int32() }
      partitions.set(partitionName(topicPartition), topicPartition)
    }
  }
  const lastUpdateTimestamp = reader.int64()
  const startTimestamp = reader.int64()
  const endOffsets = new Map<string, number>()
  if (reader.hasMore) {
    for (const name of partitions.keys()) {
      const endOffset = reader.int64()
      if (endOffset >= 0) endOffsets.set(name, endOffset)
    }
  }
  const endedBy = reader.hasMore ? { producerId: reader.bigint64(), producerEpoch: reader.int16() } : null
  const nextProducerId = reader.hasMore ? reader.bigint64() : -1n
  return {
    transactionalId,
    producerId,
    producerEpoch,
    timeoutMs,
    status,
    partitions,
    endOffsets,
    endedBy,
    nextProducerId: nextProducerId < 0n ? null : nextProducerId,
    lastUpdateTimestamp,
    startTimestamp,
  }
}
