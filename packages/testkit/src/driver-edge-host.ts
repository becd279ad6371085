import { Headers } from '@millrace/serdes'
import type {
  EdgeHost,
  EdgeListener,
  EdgeReader,
  EdgeStart,
  EdgeWriter,
  Logger,
  Time,
} from '@millrace/streams-core/internal'
import type { Pipe } from './test-input-topic.ts'

/** By topic: who reads it beside the test. */
export type EdgeListeners = Map<string, Set<EdgeListener>>

/** Edges in the test driver: what is sent is processed when `send` returns, and results are handed over as they are made. */
export class DriverEdgeHost implements EdgeHost {
  readonly time: Time
  readonly logger: Logger
  readonly #pipe: Pipe
  readonly #listeners: EdgeListeners

  constructor(time: Time, logger: Logger, pipe: Pipe, listeners: EdgeListeners) {
    this.time = time
    this.logger = logger
    this.#pipe = pipe
    this.#listeners = listeners
  }

  openWriter(topic: string): EdgeWriter {
    return {
      pending: 0,
      send: (key, value, timestamp, headers = Headers.empty) =>
        this.#pipe(topic, key, value, timestamp ?? this.time.now(), headers),
      whenPendingAtMost: async () => {},
      close: async () => {},
    }
  }

  /** Results that were made before are not handed over: the driver keeps them for its output topics. */
  openReader(topic: string, _from: EdgeStart, listener: EdgeListener): EdgeReader {
    const listeners = this.#listeners.get(topic) ?? new Set()
    this.#listeners.set(topic, listeners)
    listeners.add(listener)
    const close = () => void listeners.delete(listener)
    return { close, finish: close }
  }
}
