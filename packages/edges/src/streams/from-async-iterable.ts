import type { ReadableStream } from 'node:stream/web'
import type { TopicDeclaration } from '@millrace/serdes'
import type { KStream, StreamsBuilder } from '@millrace/streams-core'
import { addEdge } from '@millrace/streams-core/internal'
import { type Feed, InputEdge } from './input-edge.ts'
import type { InputOptions } from './input-options.ts'

/** How a source that can wait is read. */
export interface PullOptions<K, V> extends InputOptions<K, V> {
  /** Records on their way to the log at most; the source is not asked for more while there are as many. Default: 1000. */
  readonly maxInFlight?: number
}

/**
 * A stream of what an async iterable gives. While the application runs, each value is written to the topic, and the topology
 * reads it from there; the topic must exist.
 *
 * ```ts
 * const lines = fromAsyncIterable(builder, createInterface({ input: process.stdin }), topic('lines', { key, value }))
 * ```
 *
 * Back-pressure: the iterable is asked for the next value only while fewer than `maxInFlight` records wait for the log.
 * Guarantee: from the topic on, that of the application. What the source has given and the log has not acknowledged when the
 * process dies is lost, unless the source gives it again.
 */
export function fromAsyncIterable<K, V>(
  builder: StreamsBuilder,
  source: AsyncIterable<V> | Iterable<V>,
  topic: TopicDeclaration<K, V>,
  options: PullOptions<K, V> = {},
): KStream<K, V> {
  const { maxInFlight = 1_000, ...input } = options
  const stream = builder.stream(topic)
  addEdge(stream, new InputEdge(topic, (feed) => pull(source, feed, Math.max(1, maxInFlight)), input))
  return stream
}

/** The same from a web stream: `ReadableStream`. Its own queue fills, and its source waits, while the log is slower. */
export function fromReadableStream<K, V>(
  builder: StreamsBuilder,
  source: ReadableStream<V>,
  topic: TopicDeclaration<K, V>,
  options: PullOptions<K, V> = {},
): KStream<K, V> {
  return fromAsyncIterable(builder, source, topic, options)
}

function pull<V>(source: AsyncIterable<V> | Iterable<V>, feed: Feed<V>, maxInFlight: number): () => void {
  let isStopped = false
  const iterator = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]()
  const run = async (): Promise<void> => {
    try {
      for (;;) {
        const result = await iterator.next()
        if (isStopped || result.done === true) return
        if (!feed.write(result.value)) return
        await feed.whenPendingAtMost(maxInFlight - 1)
      }
    } catch (error) {
      feed.fail(error)
    }
  }
  void run()
  return () => {
    isStopped = true
    // Not awaited: a generator that waits for its source does not hear of it before the source gives something.
    void Promise.resolve(iterator.return?.()).catch(() => {})
  }
}
