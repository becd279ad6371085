import type { KafkaClientSupplier } from '@millrace/streams-core'

/** A log on which cases are run, one after the other. */
export interface Place {
  /** A name for the application of the case of that number, which no other run has; topics of the case begin with it. */
  applicationId(number: number): string
  /** A log without topics of earlier cases. */
  open(): Promise<OpenPlace>
  close(): Promise<void>
}

export interface OpenPlace {
  readonly clients: KafkaClientSupplier
  /** Removes what the case has left; `topics` are those that were made for it. */
  close(topics: readonly string[]): Promise<void>
}
