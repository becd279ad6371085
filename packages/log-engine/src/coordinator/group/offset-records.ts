import type { TopicPartition } from '../../topic-partition.ts'
import type { CoordinatorRecord } from '../coordinator-log.ts'
import { RecordReader, RecordWriter } from '../record-bytes.ts'

/** A committed offset as its record holds it. */
export interface OffsetRecord {
  readonly offset: number
  /** -1 when unknown. */
  readonly leaderEpoch: number
  readonly metadata: string
  /** Unix ms. */
  readonly commitTimestamp: number
}

/** Whose offset a record holds. */
export interface OffsetRecordKey extends TopicPartition {
  readonly groupId: string
}

/**
 * The record of a committed offset in `__consumer_offsets`; a null value says that it is gone.
 *
 *   key   | version int16 1 | group string | topic string | partition int32 |
 *   value | version int16 3 | offset int64 | leader epoch int32 | metadata string | commit timestamp int64 |
 *
 * @see org.apache.kafka.coordinator.group.GroupCoordinatorRecordHelpers (same bytes: OffsetCommitKey, OffsetCommitValue)
 */
export function encodeOffset(key: OffsetRecordKey, value: OffsetRecord | null): CoordinatorRecord {
  return {
    key: new RecordWriter().int16(1).string(key.groupId).string(key.topic).int32(key.partition).done(),
    value:
      value &&
      new RecordWriter()
        .int16(3)
        .int64(value.offset)
        .int32(value.leaderEpoch)
        .string(value.metadata)
        .int64(value.commitTimestamp)
        .done(),
  }
}

/** undefined for keys of other kinds. */
export function decodeOffsetKey(key: Uint8Array): OffsetRecordKey | undefined {
  const reader = new RecordReader(key)
  const version = reader.int16()
  if (version !== 0 && version !== 1) return undefined
  return { groupId: reader.string(), topic: reader.string(), partition: reader.int32() }
}

/** undefined for a version that is not known. */
export function decodeOffset(value: Uint8Array): OffsetRecord | undefined {
  const reader = new RecordReader(value)
  if (reader.int16() !== 3) return undefined
  return {
    offset: reader.int64(),
    leaderEpoch: reader.int32(),
    metadata: reader.string(),
    commitTimestamp: reader.int64(),
  }
}
