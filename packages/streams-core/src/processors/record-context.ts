import type { Headers } from '@millrace/serdes'

/**
 * Where the record in process came from, with the timestamp and headers that hold at this point of the chain.
 * @see org.apache.kafka.streams.processor.internals.ProcessorRecordContext
 */
export interface RecordContext {
  readonly timestamp: number
  /** -1 for what did not come from a partition. */
  readonly offset: number
  readonly partition: number
  readonly topic: string | undefined
  readonly headers: Headers
  /** The source record's bytes, for error handlers and the dead-letter topic. */
  readonly rawKey?: Uint8Array | null
  readonly rawValue?: Uint8Array | null
}
