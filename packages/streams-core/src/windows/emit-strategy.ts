/**
 * When a windowed aggregation hands on its results: with every update, or once, after the window has closed
 * (stream time past its end and grace).
 * @see org.apache.kafka.streams.kstream.EmitStrategy, KIP-825
 */
export type EmitStrategy = 'onWindowUpdate' | 'onWindowClose'
