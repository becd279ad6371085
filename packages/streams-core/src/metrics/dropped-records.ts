import type { Metrics, MetricTags } from '../metrics.ts'
import type { Counter } from './recorders.ts'

/** Why a record was dropped. docs/metrics.md says what each means. */
export type DropReason =
  | 'null-key'
  | 'null-value'
  | 'null-join-key'
  | 'window-closed'
  | 'store-retention'
  | 'invalid-timestamp'
  | 'deserialization-error'
  | 'processing-error'
  | 'serialization-error'
  | 'no-partition'
  | 'superseded'

/**
 * Records that a task has dropped: in all, as Java counts them (`dropped-records`), and by node and reason (`dropped-records-by-reason`).
 * @see org.apache.kafka.streams.processor.internals.metrics.TaskMetrics — there only in all
 */
export class DroppedRecords {
  readonly #metrics: Metrics
  readonly #tags: MetricTags
  readonly #all: Counter
  readonly #byNode = new Map<string, Map<DropReason, Counter>>()

  constructor(metrics: Metrics, tags: MetricTags) {
    this.#metrics = metrics
    this.#tags = tags
    this.#all = metrics.scope('stream-task-metrics', tags).rateAndTotal('dropped-records')
  }

  /** `place`: the node, or the store, that dropped them. */
  record(reason: DropReason, place: string, count = 1): void {
    this.#all.total += count
    let byReason = this.#byNode.get(place)
    if (byReason === undefined) {
      byReason = new Map()
      this.#byNode.set(place, byReason)
    }
    let counter = byReason.get(reason)
    if (counter === undefined) {
      const tags = { ...this.#tags, 'processor-node-id': place, reason }
      counter = this.#metrics.scope('stream-processor-node-metrics', tags).rateAndTotal('dropped-records-by-reason')
      byReason.set(reason, counter)
    }
    counter.total += count
  }
}
