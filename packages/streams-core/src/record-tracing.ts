import type { Headers } from '@millrace/serdes'

/** A record that a task is about to process. */
export interface TracedRecord {
  readonly applicationId: string
  readonly taskId: string
  /** Name of the source that the record enters by. */
  readonly source: string
  readonly topic: string | undefined
  readonly partition: number
  readonly offset: number
  /** Unix ms. */
  readonly timestamp: number
  readonly headers: Headers
}

/**
 * Follows records through the tasks that process them. What a record leads to carries its headers, through repartition topics
 * too, so a trace goes on where they do. `openTelemetryTracing` of `millrace/opentelemetry` is one.
 */
export interface RecordTracing {
  /** False: nobody takes traces now, and the record passes without `trace`. Asked for each record; default: true. */
  isOn?(): boolean
  /** Calls `process` once, with the headers that the record is to have; throws what it throws. */
  trace(record: TracedRecord, process: (headers: Headers) => void): void
}
