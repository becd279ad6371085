/** What is known about a serde that has to wait. */
export interface SerdeNotReady {
  readonly topic: string
  /** What is missing, as a sentence without a full stop. */
  readonly what: string
  /** Settles, and never rejects, when another attempt is worth while. */
  readonly ready: Promise<unknown>
  /** Why the last attempt to get it failed, if one did. */
  readonly cause?: unknown
}

/**
 * A serde waits for something that has to be fetched, such as the schema of an id seen for the first time. Nothing is known
 * to be wrong with the record, so that no exception handler is asked about it. Who acts: the runtime tries the record again
 * until `task.timeout.ms`; other callers wait for `ready` and call again.
 */
export class SerdeNotReadyError extends Error {
  override readonly name = 'SerdeNotReadyError'
  readonly code = 'STREAMS_SERDE_NOT_READY'
  readonly topic: string
  readonly ready: Promise<unknown>

  constructor({ topic, what, ready, cause }: SerdeNotReady) {
    const reason = cause instanceof Error ? `; the last attempt failed: ${cause.message}` : ''
    super(`Topic '${topic}': ${what}${reason}. Call again when it is there.`, { cause })
    this.topic = topic
    this.ready = ready
  }
}
