import type { Metrics, MetricTags } from '../metrics.ts'
import type { Counter, Distribution } from './recorders.ts'

/** Calls of one operation, and the ns that they took. */
export interface OperationFigures {
  readonly calls: Counter
  readonly latency: Distribution
}

/** What kinds of stores there are figures for. */
export type MeasuredKind = 'key-value' | 'window' | 'session' | 'versioned'

const onEveryStore = ['put', 'flush', 'commit', 'restore']
const onKeys = ['get', 'put-if-absent', 'put-all', 'delete', 'all', 'range', 'prefix-scan']

/** The operations of each kind of store, by Kafka's names. */
const operationsOf: Readonly<Record<MeasuredKind, readonly string[]>> = {
  'key-value': [...onEveryStore, ...onKeys],
  versioned: [...onEveryStore, ...onKeys],
  window: [...onEveryStore, 'fetch'],
  session: [...onEveryStore, 'fetch', 'remove'],
}

/**
 * The figures of one store of a task. Their last tag has a name that begins with the kind of the store, as in Java:
 * `rocksdb-window-state-id`.
 * @see org.apache.kafka.streams.state.internals.metrics.StateStoreMetrics
 */
export class StoreMetrics {
  readonly operations: ReadonlyMap<string, OperationFigures>
  /** ns. */
  readonly iteratorDuration: Distribution
  /** ms from a record's timestamp to the write that it caused. */
  readonly latency: Distribution
  readonly #metrics: Metrics
  readonly #tags: MetricTags

  constructor(metrics: Metrics, taskTags: MetricTags, metricsScope: string, storeName: string, kind: MeasuredKind) {
    this.#metrics = metrics
    this.#tags = { ...taskTags, [`${metricsScope}-state-id`]: storeName }
    const scope = metrics.scope('stream-state-metrics', this.#tags)
    this.operations = new Map(
      operationsOf[kind].map((name) => [
        name,
        { calls: scope.rate(name, 'DEBUG'), latency: scope.avgAndMax(`${name}-latency`, 'DEBUG') },
      ]),
    )
    this.iteratorDuration = scope.avgAndMax('iterator-duration', 'DEBUG')
    this.latency = scope.avgMinAndMax('record-e2e-latency', 'TRACE')
  }

  gauges(read: {
    readonly openIterators: () => number
    readonly oldestIteratorMs: () => number
    /** Undefined: the kind of store does not know. */
    readonly entries: { readonly name: 'num-keys' | 'estimate-num-keys'; readonly read: () => number } | undefined
  }): void {
    const scope = this.#metrics.scope('stream-state-metrics', this.#tags)
    scope.gauge('num-open-iterators', read.openIterators)
    scope.gauge('oldest-iterator-open-since-ms', read.oldestIteratorMs, 'DEBUG')
    if (read.entries !== undefined) scope.gauge(read.entries.name, read.entries.read)
  }
}

/** Records and bytes in the buffer of a suppression. */
export function suppressionBufferMetrics(metrics: Metrics, taskTags: MetricTags, storeName: string) {
  const tags = { ...taskTags, 'in-memory-suppression-state-id': storeName }
  const scope = metrics.scope('stream-state-metrics', tags)
  return {
    count: scope.avgAndMax('suppression-buffer-count', 'DEBUG'),
    size: scope.avgAndMax('suppression-buffer-size', 'DEBUG'),
  }
}

/**
 * How often the cache of a store had what was asked for: recorded with each commit, where Java records with each hit.
 * @see org.apache.kafka.streams.state.internals.metrics.NamedCacheMetrics
 */
export function hitRatio(metrics: Metrics, taskTags: MetricTags, storeName: string): Distribution {
  const tags = { ...taskTags, 'record-cache-id': storeName }
  return metrics.scope('stream-record-cache-metrics', tags).avgMinAndMax('hit-ratio', 'DEBUG')
}
