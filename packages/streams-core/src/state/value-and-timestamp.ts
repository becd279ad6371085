/** A value and the time (Unix ms) of the newest record that went into it. @see org.apache.kafka.streams.state.ValueAndTimestamp */
export interface ValueAndTimestamp<V> {
  readonly value: V
  readonly timestamp: number
}
