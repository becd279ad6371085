import type { TopicDeclaration } from '@millrace/serdes'
import type { KStream, StreamsBuilder } from '@millrace/streams-core'
import { addEdge } from '@millrace/streams-core/internal'
import type { Observable } from 'rxjs'
import { type Feed, InputEdge } from '../streams/input-edge.ts'
import type { InputOptions } from '../streams/input-options.ts'

/** How a source that cannot wait is read. */
export interface ObservableOptions<K, V> extends InputOptions<K, V> {
  /** Records on their way to the log at most. Default: 10000. */
  readonly maxInFlight?: number
  /** What happens to a value that comes while there are as many: feeding stops with a {@link FeedOverflowError}, or the value is left out and counted. Default: fail. */
  readonly overflow?: 'fail' | 'drop'
  /** Told how many values were left out so far. */
  readonly onDropped?: (count: number) => void
}

/** Values came faster than the log takes them, for longer than `maxInFlight` allows. */
export class FeedOverflowError extends Error {
  override readonly name = 'FeedOverflowError'
  readonly code = 'STREAMS_FEED_OVERFLOW'
  readonly topic: string

  constructor(topic: string, maxInFlight: number) {
    super(
      `The observable that feeds topic '${topic}' is faster than the log: ${maxInFlight} records are not acknowledged. Raise maxInFlight, thin the observable out, set overflow to 'drop', or use a source that can wait (fromAsyncIterable).`,
    )
    this.topic = topic
  }
}

/**
 * A stream of what an observable emits. The application subscribes when it runs, and unsubscribes before it ends; each value is
 * written to the topic, and the topology reads it from there. The topic must exist.
 *
 * ```ts
 * const clicks = topic('clicks', { key: Serdes.string(), value: Serdes.json<Click>() })
 * const stream = fromObservable(builder, clicks$, clicks, { key: (click) => click.user })
 * ```
 *
 * Back-pressure: an observable cannot be asked to wait. Up to `maxInFlight` values wait for the log; what happens then says
 * `overflow`.
 */
export function fromObservable<K, V>(
  builder: StreamsBuilder,
  source: Observable<V>,
  topic: TopicDeclaration<K, V>,
  options: ObservableOptions<K, V> = {},
): KStream<K, V> {
  const { maxInFlight = 10_000, overflow = 'fail', onDropped = () => {}, ...input } = options
  const stream = builder.stream(topic)
  const feedFrom = (feed: Feed<V>) => {
    let dropped = 0
    const subscription = source.subscribe({
      next(value) {
        if (feed.pending < maxInFlight) feed.write(value)
        else if (overflow === 'fail') feed.fail(new FeedOverflowError(topic.name, maxInFlight))
        else {
          dropped += 1
          onDropped(dropped)
        }
      },
      error: (error) => feed.fail(error),
    })
    return () => subscription.unsubscribe()
  }
  addEdge(stream, new InputEdge(topic, feedFrom, input))
  return stream
}
