import type { Window } from './window.ts'

/**
 * Which windows a record falls into, by its timestamp. Extend it for windows of your own (days of a time zone, say).
 * @see org.apache.kafka.streams.kstream.Windows
 */
export abstract class Windows<W extends Window = Window> {
  /** The length of the longest window, ms. Retention and the bytes of windowed keys follow from it. */
  abstract readonly sizeMs: number
  /** How long after its end a window takes records, ms of stream time. */
  abstract readonly gracePeriodMs: number
  /**
   * The windows that hold the timestamp (Unix ms), in the order in which they are updated: by start, without two of the same start.
   * Called once for each record.
   */
  abstract windowsFor(timestamp: number): readonly W[]
}
