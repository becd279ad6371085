import type { Headers } from '@millrace/serdes'
import type { ConsumerRecord } from './clients/consumer.ts'
import type { Record } from './processors/record.ts'

/** What is known where a record failed. Fields are undefined or -1 where there is no input record (a punctuation). */
export interface ErrorHandlerContext {
  readonly topic: string | undefined
  readonly partition: number
  readonly offset: number
  readonly headers: Headers
  readonly processorNodeId: string
  readonly taskId: string
  /** Unix ms. */
  readonly timestamp: number
  /** The source record's bytes; null also when they are no longer held. */
  readonly sourceRawKey: Uint8Array | null
  readonly sourceRawValue: Uint8Array | null
}

/** A record to be sent as it is. Without a partition the key chooses it. */
export interface DeadLetterRecord {
  readonly topic: string
  readonly partition?: number
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  /** Unix ms. */
  readonly timestamp: number
  readonly headers: Headers
}

/**
 * What a handler decides: go on without the record, stop the application, or (for retriable faults of sending only)
 * try again. Dead-letter records are sent in any case.
 */
export interface ErrorHandlerResponse {
  readonly result: 'resume' | 'fail' | 'retry'
  readonly deadLetterQueueRecords: readonly DeadLetterRecord[]
}

const none: readonly DeadLetterRecord[] = []

/** Go on without the record. */
export const resume = (deadLetterQueueRecords = none): ErrorHandlerResponse => ({
  result: 'resume',
  deadLetterQueueRecords,
})
/** Stop. */
export const fail = (deadLetterQueueRecords = none): ErrorHandlerResponse => ({
  result: 'fail',
  deadLetterQueueRecords,
})
/** Try again. */
export const retry = (): ErrorHandlerResponse => ({ result: 'retry', deadLetterQueueRecords: none })

/** Decides about bytes that are no record. @see org.apache.kafka.streams.errors.DeserializationExceptionHandler */
export interface DeserializationExceptionHandler {
  handleError(context: ErrorHandlerContext, record: ConsumerRecord, error: Error): ErrorHandlerResponse
}

/** Decides about user code that threw; `record` is undefined in a punctuation. @see org.apache.kafka.streams.errors.ProcessingExceptionHandler */
export interface ProcessingExceptionHandler {
  handleError(
    context: ErrorHandlerContext,
    record: Record<unknown, unknown> | undefined,
    error: Error,
  ): ErrorHandlerResponse
}

/** The record that could not be serialized. */
export interface UnserializableRecord {
  readonly topic: string
  readonly key: unknown
  readonly value: unknown
  readonly timestamp: number
  readonly headers: Headers
}

/** Decides about records that could not be sent. @see org.apache.kafka.streams.errors.ProductionExceptionHandler */
export interface ProductionExceptionHandler {
  /** The cluster refused a record for this partition. */
  handleError(
    context: ErrorHandlerContext,
    target: { readonly topic: string; readonly partition: number },
    error: Error & { readonly retriable?: boolean },
  ): ErrorHandlerResponse
  /** `origin` says which half of the record its serde refused. `retry` means `fail` here. */
  handleSerializationError(
    context: ErrorHandlerContext,
    record: UnserializableRecord,
    error: Error,
    origin: 'key' | 'value',
  ): ErrorHandlerResponse
}

/** Stops at the first record that cannot be deserialized. The default. @see org.apache.kafka.streams.errors.LogAndFailExceptionHandler */
export function logAndFailExceptionHandler(deadLetterQueueTopic?: string): DeserializationExceptionHandler {
  return {
    handleError: (context, _record, error) => fail(deadLetterRecords(deadLetterQueueTopic, context, error)),
  }
}

/** Drops and counts records that cannot be deserialized. @see org.apache.kafka.streams.errors.LogAndContinueExceptionHandler */
export function logAndContinueExceptionHandler(deadLetterQueueTopic?: string): DeserializationExceptionHandler {
  return {
    handleError: (context, _record, error) => resume(deadLetterRecords(deadLetterQueueTopic, context, error)),
  }
}

/** Stops where user code throws. The default. @see org.apache.kafka.streams.errors.LogAndFailProcessingExceptionHandler */
export function logAndFailProcessingExceptionHandler(deadLetterQueueTopic?: string): ProcessingExceptionHandler {
  return {
    handleError: (context, _record, error) => fail(deadLetterRecords(deadLetterQueueTopic, context, error)),
  }
}

/** Drops and counts records for which user code throws. @see org.apache.kafka.streams.errors.LogAndContinueProcessingExceptionHandler */
export function logAndContinueProcessingExceptionHandler(deadLetterQueueTopic?: string): ProcessingExceptionHandler {
  return {
    handleError: (context, _record, error) => resume(deadLetterRecords(deadLetterQueueTopic, context, error)),
  }
}

/** Tries retriable faults of sending again, and stops at all others. The default. @see org.apache.kafka.streams.errors.DefaultProductionExceptionHandler */
export function defaultProductionExceptionHandler(deadLetterQueueTopic?: string): ProductionExceptionHandler {
  return {
    handleError: (context, _target, error) =>
      error.retriable === true ? retry() : fail(deadLetterRecords(deadLetterQueueTopic, context, error)),
    handleSerializationError: (context, _record, error) =>
      fail(deadLetterRecords(deadLetterQueueTopic, context, error)),
  }
}

function deadLetterRecords(
  topic: string | undefined,
  context: ErrorHandlerContext,
  error: Error,
): readonly DeadLetterRecord[] {
  return topic === undefined ? none : [buildDeadLetterRecord(topic, context, error)]
}

/**
 * A record for the dead-letter topic: the source record's bytes, timestamp and headers, with Java's headers about the
 * error after them: `__streams.errors.exception`, `.message`, `.stacktrace`, `.topic`, `.partition`, `.offset`.
 * @see org.apache.kafka.streams.errors.internals.ExceptionHandlerUtils, KIP-1034
 */
export function buildDeadLetterRecord(topic: string, context: ErrorHandlerContext, error: Error): DeadLetterRecord {
  const headers = context.headers
    .add('__streams.errors.exception', error.name)
    .add('__streams.errors.message', error.message)
    .add('__streams.errors.stacktrace', error.stack ?? String(error))
    .add('__streams.errors.topic', context.topic ?? null)
    .add('__streams.errors.partition', String(context.partition))
    .add('__streams.errors.offset', String(context.offset))
  return { topic, key: context.sourceRawKey, value: context.sourceRawValue, timestamp: context.timestamp, headers }
}
