import { ClientError } from './client-error.ts'
import type { TopicPartition } from './consumer.ts'

/**
 * Thrown by `Consumer.poll`: the positions of these partitions are not in the log, because its start was moved beyond them, or its
 * end before them. Whoever polls seeks elsewhere. Nothing else that was polled is lost.
 * @see org.apache.kafka.clients.consumer.OffsetOutOfRangeException
 */
export class OffsetOutOfRangeError extends ClientError {
  readonly partitions: readonly TopicPartition[]
  /** Which positions, in words. */
  readonly places: string

  constructor(
    partitions: readonly (TopicPartition & { readonly offset: number })[],
    options: { readonly cause?: unknown } = {},
  ) {
    const places = partitions
      .map(({ topic, partition, offset }) => `${topic}-${partition} has no offset ${offset}`)
      .join(', ')
    super(
      'OFFSET_OUT_OF_RANGE',
      'fatal',
      `${places}: the log was cut there, or made anew. Seek to an offset that it has.`,
      options,
    )
    this.name = 'OffsetOutOfRangeError'
    this.places = places
    this.partitions = partitions.map(({ topic, partition }) => ({ topic, partition }))
  }
}
