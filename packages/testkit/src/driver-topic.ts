import type { RecordQueue } from '@millrace/streams-core/internal'
import type { ProducedRecord } from './recording-producer.ts'

/** What a test driver keeps of one topic. */
export interface DriverTopic {
  readonly name: string
  nextOffset: number
  /** Records sent to it that no output topic has read, oldest first. */
  readonly records: ProducedRecord[]
  /** How many were sent to it. */
  count: number
  /** True once it is known who reads it: with its first record. */
  isResolved: boolean
  /** Where the task reads it; undefined: it does not. */
  queue: RecordQueue | undefined
  isGlobal: boolean
}
