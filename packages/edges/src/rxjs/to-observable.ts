import type { TopicDeclaration } from '@millrace/serdes'
import type { KStream } from '@millrace/streams-core'
import { Observable } from 'rxjs'
import { type OutputOptions, type OutputRecord, outputEdge } from '../streams/output-edge.ts'

/**
 * Writes a stream to a topic, and emits what is committed there. Each subscription reads the topic by itself; one that was made
 * before the application has started misses nothing. Completes when the application ends, after all that was committed; fails
 * with the error that ended it.
 *
 * ```ts
 * const alarms$ = toObservable(stream, topic('alarms', { key, value }))
 * alarms$.pipe(bufferTime(1000)).subscribe((alarms) => page(alarms))
 * ```
 *
 * Back-pressure: an observable has none. The topic is read on when the subscriber's `next` has returned for all that one poll
 * gave; what an asynchronous operator below buffers is in memory. Where that matters, use `toAsyncIterable`.
 */
export function toObservable<K, V>(
  stream: KStream<K, V>,
  topic: TopicDeclaration<K, V>,
  options: OutputOptions = {},
): Observable<OutputRecord<K, V>> {
  const edge = outputEdge(stream, topic, options)
  return new Observable((subscriber) =>
    edge.subscribe({
      onRecords(records) {
        for (const record of records) subscriber.next(record)
      },
      onEnd(error) {
        if (error === undefined) subscriber.complete()
        else subscriber.error(error)
      },
    }),
  )
}
