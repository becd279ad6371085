/** A span of time: Unix ms. `end` is exclusive for time windows, inclusive for sliding windows and sessions. */
export interface Window {
  readonly start: number
  readonly end: number
}

/** A key within a window. @see org.apache.kafka.streams.kstream.Windowed */
export interface Windowed<K> {
  readonly key: K
  readonly window: Window
}
