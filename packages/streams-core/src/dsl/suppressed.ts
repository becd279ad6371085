import type { Windowed } from '../windows/window.ts'
import type { TopicConfig } from './materialized.ts'

/** Bounds of a suppression's buffer, and its changelog. Undefined bounds: none. */
export interface StrictBufferConfig {
  readonly maxRecords?: number | undefined
  readonly maxBytes?: number | undefined
  /** False: no changelog. A topic configuration is added to the changelog's. Default: true. */
  readonly logging?: boolean | TopicConfig | undefined
  /** What a full buffer does: stops the application. */
  readonly full?: 'shutDown' | undefined
}

/** As {@link StrictBufferConfig}; a full buffer emits its oldest record early, unless `full` is `shutDown`. */
export interface BufferConfig extends Omit<StrictBufferConfig, 'full'> {
  readonly full?: 'emitEarly' | 'shutDown' | undefined
}

/**
 * Which updates of a table are held back, and how long. Made by {@link Suppressed.untilWindowCloses} or
 * {@link Suppressed.untilTimeLimit}.
 * @see org.apache.kafka.streams.kstream.Suppressed, KIP-328
 */
export interface Suppressed<in K> {
  readonly until: 'windowCloses' | 'timeLimit'
  /** How long a record waits; undefined: until its window closes. */
  readonly timeToWaitMs: number | undefined
  readonly buffer: BufferConfig
  /** Never called: it says which keys can be suppressed in this way. */
  readonly accepts?: (key: K) => void
}

export const Suppressed = {
  /**
   * Only the final result of each window, once stream time is past the window's end and grace. The table must be windowed.
   * A full buffer stops the application, because a final result cannot come early.
   */
  untilWindowCloses(buffer: StrictBufferConfig = {}): Suppressed<Windowed<unknown>> {
    return Object.freeze({
      until: 'windowCloses',
      timeToWaitMs: undefined,
      buffer: { ...buffer, full: 'shutDown' },
    } as const)
  },
  /**
   * For each key at most one update in `timeToWaitMs` of stream time, counted from the first one held back.
   * @throws RangeError for a negative time.
   */
  untilTimeLimit(timeToWaitMs: number, buffer: BufferConfig = {}): Suppressed<unknown> {
    if (!(timeToWaitMs >= 0)) throw new RangeError(`A suppression cannot wait ${timeToWaitMs} ms: give 0 or more.`)
    return Object.freeze({ until: 'timeLimit', timeToWaitMs, buffer: { full: 'emitEarly', ...buffer } } as const)
  },
} as const
