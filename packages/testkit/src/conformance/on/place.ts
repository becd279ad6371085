import type { KafkaClientSupplier } from '@millrace/streams-core'

/** A log on which cases are run, one after the other. */
export interface Place {
  /** A log without topics of earlier cases. */
  open(): Promise<OpenPlace>
  close(): Promise<void>
}

export interface OpenPlace {
  readonly clients: KafkaClientSupplier
  /** Removes what the case has left; `topics` are those that it named itself. */
  close(topics: readonly string[]): Promise<void>
}
