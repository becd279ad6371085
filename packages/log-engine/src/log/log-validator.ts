import {
  assignLogAppendTime,
  assignOffset,
  batchHeaderBytes,
  ProtocolError,
  type RecordBatchReader,
} from '@millrace/kafka-protocol'
import { EngineError } from '../engine-error.ts'
import type { LogConfig } from './log-config.ts'

/**
 * Checks a batch on which `reader` stands as a client sends it: sizes, CRC, records that fill it with consecutive
 * offsets, timestamps within the allowed difference, keys where the topic is compacted.
 * @see org.apache.kafka.storage.internals.log.LogValidator
 * @throws CORRUPT_MESSAGE, MESSAGE_TOO_LARGE, INVALID_RECORD, INVALID_TIMESTAMP, UNSUPPORTED_COMPRESSION_TYPE
 */
export function validateBatch(reader: RecordBatchReader, partition: string, config: LogConfig, now: number): void {
  const refuse = (code: EngineError['code'], what: string): EngineError =>
    new EngineError(code, `Partition ${partition}: ${what}. Nothing was written.`)
  validateSize(reader.sizeInBytes, partition, config)
  if (!reader.isCrcValid) throw refuse('CORRUPT_MESSAGE', 'the CRC of a record batch is wrong')
  if (reader.isControl) throw refuse('INVALID_RECORD', 'clients may not write control records')
  const count = reader.recordCount
  if (count <= 0 || reader.lastOffsetDelta !== count - 1) {
    throw refuse(
      'INVALID_RECORD',
      `a record batch counts ${count} records, but its offsets ${reader.lastOffsetDelta + 1}`,
    )
  }
  if (reader.hasProducerId && (reader.producerEpoch < 0 || reader.baseSequence < 0)) {
    throw refuse('INVALID_RECORD', 'a record batch has a producer id but no epoch or sequence')
  }
  const isCompacted = config.cleanupPolicy.has('compact')
  const checksTime = config.messageTimestampType === 'CreateTime'
  const earliest = now - config.messageTimestampBeforeMaxMs
  const latest = now + config.messageTimestampAfterMaxMs
  const base = reader.baseOffset
  let next = base
  while (reader.nextRecord()) {
    if (reader.offset !== next)
      throw refuse('INVALID_RECORD', `record ${next - base} of a batch has offset delta ${reader.offset - base}`)
    next++
    if (isCompacted && reader.keyLength < 0) {
      throw refuse('INVALID_RECORD', 'a record has no key, but the topic is compacted (cleanup.policy)')
    }
    // -1 is no timestamp.
    if (checksTime && reader.timestamp !== -1 && (reader.timestamp > latest || reader.timestamp < earliest)) {
      throw refuse(
        'INVALID_TIMESTAMP',
        `a record has timestamp ${reader.timestamp}, outside message.timestamp.before.max.ms and message.timestamp.after.max.ms of ${now}`,
      )
    }
  }
}

/** @throws MESSAGE_TOO_LARGE */
export function validateSize(batchBytes: number, partition: string, { maxMessageBytes }: LogConfig): void {
  if (batchBytes <= maxMessageBytes) return
  throw new EngineError(
    'MESSAGE_TOO_LARGE',
    `Partition ${partition}: a record batch of ${batchBytes} bytes is above max.message.bytes=${maxMessageBytes}. Nothing was written.`,
  )
}

/**
 * Moves through batches as a client sent them. Bytes that are not whole batches are an error here.
 * @throws CORRUPT_MESSAGE, UNSUPPORTED_FOR_MESSAGE_FORMAT
 */
export function nextWholeBatch(reader: RecordBatchReader, batches: Uint8Array, partition: string): boolean {
  if (reader.nextBatch()) return true
  if (reader.nextPosition === batches.length && batches.length >= batchHeaderBytes) return false
  throw new EngineError(
    'CORRUPT_MESSAGE',
    `Partition ${partition}: ${batches.length} bytes to append are not whole record batches. Nothing was written.`,
  )
}

/** Writes offset, leader epoch and, where the topic says so, the time into the batch at `position`. */
export function stampBatch(
  batches: Uint8Array,
  position: number,
  offset: number,
  leaderEpoch: number,
  logAppendTime: number,
): void {
  assignOffset(batches, position, offset, leaderEpoch)
  if (logAppendTime >= 0) assignLogAppendTime(batches, position, logAppendTime)
}

/** Turns the codec's complaints about bytes into the engine's. */
export function asEngineError(error: unknown, partition: string): unknown {
  if (!(error instanceof ProtocolError)) return error
  return new EngineError(error.code, `Partition ${partition}: ${error.message}`, { cause: error })
}
