import type { Headers } from '@millrace/serdes'
import type { Logger } from '../logger.ts'
import type { Time } from '../time.ts'

/** A record of a topic, not decoded. */
export interface EdgeRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  /** Unix ms. */
  readonly timestamp: number
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly headers: Headers
}

/** Appends records to a topic, outside of the application's transactions. */
export interface EdgeWriter {
  /** Records that were sent and are not acknowledged. */
  readonly pending: number
  /** Without a timestamp: now. Records with equal keys keep their order. */
  send(key: Uint8Array | null, value: Uint8Array | null, timestamp?: number, headers?: Headers): void
  /** Resolves when at most so many are pending. @throws ClientError when a record could not be written */
  whenPendingAtMost(count: number): Promise<void>
  close(): Promise<void>
}

/** Reads a topic until it is closed. */
export interface EdgeReader {
  close(): void
  /** Reads on to what is committed now, and ends there. Resolves when that was handed over; no promise: it was. */
  finish(): void | Promise<void>
}

/** Where a reader begins: with what is committed from now on, or with all that is there. */
export type EdgeStart = 'latest' | 'earliest'

/** Takes what a reader reads. The next records come when the promise that `onRecords` gives has resolved. */
export interface EdgeListener {
  onRecords(records: readonly EdgeRecord[]): void | Promise<void>
  onError(error: Error): void
}

/** The application, or the test driver, that an edge belongs to. */
export interface EdgeHost {
  readonly logger: Logger
  readonly time: Time
  /** In the test driver not a promise: a record is processed when `send` returns. @throws IllegalStateError for a topic that is not there */
  openWriter(topic: string): EdgeWriter | Promise<EdgeWriter>
  /** Hands over only what is committed, when the application is exactly-once. */
  openReader(topic: string, from: EdgeStart, listener: EdgeListener): EdgeReader | Promise<EdgeReader>
}

/**
 * Something beside a topology that feeds one of its topics, or reads one, while the application runs. It is declared with the
 * topology and knows nothing of its inside: records enter and leave through topics.
 */
export interface TopologyEdge {
  /** Called for each application and test driver that is made with the topology. */
  attach(host: EdgeHost): EdgeSession
}

/** An edge of one application. */
export interface EdgeSession {
  /** Before the first record is processed. */
  open(): void | Promise<void>
  /** The application runs. */
  run(): void
  /** The application is about to end: nothing more is to be fed. Resolves when what was fed is acknowledged. */
  stopFeeding(): Promise<void>
  /** The application has ended, after its last commit. Resolves when what it committed was handed over. */
  end(error?: Error): Promise<void>
}
