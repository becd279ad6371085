import type { Headers } from '@millrace/serdes'
import type { RecordContext } from '../processors/record-context.ts'

/** A deserialised record as a timestamp extractor sees it. */
export interface ExtractorRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly timestamp: number
  readonly key: unknown
  readonly value: unknown
  readonly headers: Headers
}

/**
 * Gives a record's event time, Unix ms. A negative result drops the record and counts it.
 * `partitionTime` is the greatest timestamp of the partition so far, -1 before the first record.
 * @see org.apache.kafka.streams.processor.TimestampExtractor
 */
export type TimestampExtractor = (record: ExtractorRecord, partitionTime: number) => number

/**
 * Chooses the partitions of a record: undefined for the default (murmur2 of the key), an empty list to drop it, several to multicast.
 * @see org.apache.kafka.streams.processor.StreamPartitioner
 */
export type StreamPartitioner<K, V> = (
  topic: string,
  key: K,
  value: V,
  numPartitions: number,
) => readonly number[] | number | undefined

/** Chooses the topic of a record. @see org.apache.kafka.streams.processor.TopicNameExtractor */
export type TopicNameExtractor<K, V> = (value: V, key: K, context: RecordContext) => string
