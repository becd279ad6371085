import type { LogSegment } from './log-segment.ts'
import type { PartitionLog } from './partition-log.ts'

/**
 * Moves the log start offset over the oldest segments whose records are all older than `retention.ms`, or which the
 * partition exceeds `retention.bytes` by. An active segment that is too old is rolled first. Age is that of the records,
 * as in Kafka: old timestamps go at once. Segments without timestamps do not age.
 *
 * @see org.apache.kafka.storage.internals.log.UnifiedLog#deleteOldSegments
 */
export function applyRetention(log: PartitionLog, now: number): void {
  if (log.failure !== undefined) return
  if (log.config.cleanupPolicy.has('delete')) {
    deleteWhile(log, (segment) => isTooOld(log, segment, now))
    let excess = log.segments.reduce((sum, { sizeInBytes }) => sum + sizeInBytes, 0) - log.config.retentionBytes
    if (log.config.retentionBytes >= 0) {
      deleteWhile(log, (segment) => {
        excess -= segment.sizeInBytes
        return excess >= 0
      })
    }
  }
  log.removeDeletedSegments()
}

function isTooOld(log: PartitionLog, segment: LogSegment, now: number): boolean {
  const { timestamp } = segment.maxTimestamp
  return log.config.retentionMs >= 0 && timestamp >= 0 && now - timestamp > log.config.retentionMs
}

function deleteWhile(log: PartitionLog, isDeletable: (segment: LogSegment) => boolean): void {
  let count = 0
  while (count < log.segments.length && isDeletable(log.segments[count]!)) count++
  if (count === 0) return
  if (count === log.segments.length) {
    if (log.activeSegment.sizeInBytes === 0) count--
    else log.roll()
  }
  const start = log.segments[count]!.baseOffset
  if (start > log.logStartOffset) log.deleteRecordsBefore(start)
}
