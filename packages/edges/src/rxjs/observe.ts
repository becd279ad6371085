import type { KafkaStreams, KafkaStreamsState, Metric } from '@millrace/streams-core'
import { Observable } from 'rxjs'

/** The state of an application: what it is now, then each change. Completes when it has ended. */
export function observeState(streams: KafkaStreams): Observable<KafkaStreamsState> {
  return new Observable((subscriber) => {
    const emit = (state: KafkaStreamsState): void => {
      subscriber.next(state)
      if (state === 'NOT_RUNNING' || state === 'ERROR') subscriber.complete()
    }
    emit(streams.state())
    return subscriber.closed ? undefined : streams.observeState(emit)
  })
}

/** The figures of an application, at once and then every so often. Completes when it has ended. */
export function observeMetrics(
  streams: KafkaStreams,
  options: { readonly intervalMs: number },
): Observable<readonly Metric[]> {
  return new Observable((subscriber) => {
    const { time } = streams.queries.host
    let timer: { cancel(): void } | undefined
    const emit = (): void => {
      subscriber.next(streams.metrics())
      if (!subscriber.closed) timer = time.setTimer(options.intervalMs, emit)
    }
    const states = observeState(streams).subscribe({ complete: () => subscriber.complete() })
    if (!subscriber.closed) emit()
    return () => {
      states.unsubscribe()
      timer?.cancel()
    }
  })
}

/** How far the restoring of one store is. Offsets are of the changelog. */
export interface RestoreProgress {
  readonly storeName: string
  readonly topic: string
  readonly partition: number
  readonly event: 'start' | 'batch' | 'end'
  readonly startOffset: number
  /** The next record to restore. */
  readonly offset: number
  readonly endOffset: number
  /** Records restored since the start. */
  readonly restored: number
}

/** Each step of restoring, from the subscription on. Completes when the application has ended. */
export function observeRestore(streams: KafkaStreams): Observable<RestoreProgress> {
  return new Observable((subscriber) => {
    const known = new Map<string, Omit<RestoreProgress, 'event'>>()
    const emit = (event: RestoreProgress['event'], progress: Omit<RestoreProgress, 'event'>): void => {
      known.set(`${progress.topic}-${progress.partition}`, progress)
      subscriber.next({ ...progress, event })
    }
    const stop = streams.observeRestore({
      onRestoreStart({ topic, partition }, storeName, startOffset, endOffset) {
        emit('start', { storeName, topic, partition, startOffset, offset: startOffset, endOffset, restored: 0 })
      },
      onBatchRestored({ topic, partition }, _storeName, offset, count) {
        const progress = known.get(`${topic}-${partition}`)
        if (progress !== undefined) emit('batch', { ...progress, offset, restored: progress.restored + count })
      },
      onRestoreEnd({ topic, partition }) {
        const progress = known.get(`${topic}-${partition}`)
        if (progress !== undefined) emit('end', { ...progress, offset: progress.endOffset })
      },
    })
    const states = observeState(streams).subscribe({ complete: () => subscriber.complete() })
    return () => {
      stop()
      states.unsubscribe()
    }
  })
}
