import { InvalidTimestampError } from './errors.ts'
import { systemTime } from './time.ts'
import type { ExtractorRecord, TimestampExtractor } from './topology/extension-points.ts'

/**
 * The record's own timestamp; a negative one stops the task. The default.
 * @throws InvalidTimestampError
 * @see org.apache.kafka.streams.processor.FailOnInvalidTimestamp
 */
export const failOnInvalidTimestamp: TimestampExtractor = (record) => {
  if (record.timestamp < 0) {
    throw new InvalidTimestampError(
      record,
      `Record ${place(record)} has the invalid (negative) timestamp ${record.timestamp}. Its producer may be older than timestamps are, or wrong; use another timestamp extractor to process such records.`,
    )
  }
  return record.timestamp
}

/**
 * The record's own timestamp; a record with a negative one is dropped and counted.
 * @see org.apache.kafka.streams.processor.LogAndSkipOnInvalidTimestamp
 */
export const logAndSkipOnInvalidTimestamp: TimestampExtractor = (record) => record.timestamp

/**
 * The record's own timestamp; for a negative one the greatest timestamp of the partition so far.
 * @throws InvalidTimestampError when the partition has no time yet
 * @see org.apache.kafka.streams.processor.UsePartitionTimeOnInvalidTimestamp
 */
export const usePartitionTimeOnInvalidTimestamp: TimestampExtractor = (record, partitionTime) => {
  if (record.timestamp >= 0) return record.timestamp
  if (partitionTime < 0) {
    throw new InvalidTimestampError(
      record,
      `Record ${place(record)} has the invalid (negative) timestamp ${record.timestamp}, and its partition has no time yet to use instead. Let the partition begin with a valid record, or use another timestamp extractor.`,
    )
  }
  return partitionTime
}

/**
 * The time of processing. The runtime asks its own clock, so that tests see virtual time.
 * @see org.apache.kafka.streams.processor.WallclockTimestampExtractor
 */
export const wallclockTimestampExtractor: TimestampExtractor = () => systemTime.now()

function place(record: ExtractorRecord): string {
  return `${record.topic}-${record.partition} at offset ${record.offset}`
}
