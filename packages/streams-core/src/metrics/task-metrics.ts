import type { Headers } from '@millrace/serdes'
import type { Metrics, MetricTags } from '../metrics.ts'
import { DroppedRecords } from './dropped-records.ts'
import type { Counter, Distribution } from './recorders.ts'
import type { StreamsMetrics } from './streams-metrics.ts'

/** What is counted where records enter a subtopology. */
export interface SourceFigures {
  readonly process: Counter
  /** ms from a record's timestamp to its processing. */
  readonly latency: Distribution
}

/** Records and bytes of one topic that a node reads or writes. */
export interface TopicFigures {
  readonly records: Counter
  readonly bytes: Counter
}

/** Bytes that a record counts beside its key, value, headers and topic: timestamp, offset and partition. */
const recordOverheadBytes = 20

/** Counts a record of a topic, with its bytes as Java estimates them. `topicBytes`: of the topic's name. */
export function countRecord(
  figures: TopicFigures,
  topicBytes: number,
  key: Uint8Array | null,
  value: Uint8Array | null,
  headers: Headers,
): void {
  figures.records.total += 1
  figures.bytes.total += recordOverheadBytes + topicBytes + contentBytes(key, value, headers)
}

/** Counts what a poll gave, in one go. */
export function countRecords(
  figures: TopicFigures,
  topicBytes: number,
  records: readonly { readonly key: Uint8Array | null; readonly value: Uint8Array | null; readonly headers: Headers }[],
): void {
  let bytes = records.length * (recordOverheadBytes + topicBytes)
  for (let at = 0; at < records.length; at += 1) {
    const { key, value, headers } = records[at]!
    bytes += contentBytes(key, value, headers)
  }
  figures.records.total += records.length
  figures.bytes.total += bytes
}

function contentBytes(key: Uint8Array | null, value: Uint8Array | null, headers: Headers): number {
  let bytes = (key?.length ?? 0) + (value?.length ?? 0)
  if (headers.size > 0) for (const header of headers) bytes += header.key.length + (header.value?.length ?? 0)
  return bytes
}

/**
 * The figures of a task, its nodes and its topics.
 * @see org.apache.kafka.streams.processor.internals.metrics.TaskMetrics, ProcessorNodeMetrics, TopicMetrics
 */
export class TaskMetrics {
  readonly tags: MetricTags
  readonly dropped: DroppedRecords
  readonly process: Counter
  /** ms. */
  readonly processLatency: Distribution
  readonly punctuate: Counter
  /** ms. */
  readonly punctuateLatency: Distribution
  /** ms that records were behind the stream time. */
  readonly lateness: Distribution
  /** Times that a record was taken while another input was empty. */
  readonly enforcedProcessing: Counter
  /** Changelog records that were applied to the task's stores. */
  readonly restore: Counter
  /** True when figures of level DEBUG are recorded: these cost clock reads per record. */
  readonly isDetailed: boolean
  /** ns of processing in the thread's round. */
  processNs = 0
  /** The task's share of its thread's processing time, lately. */
  activeProcessRatio = 0
  /** Changelog records that the task's stores still lack. */
  remainingRecords: () => number = () => 0
  readonly metrics: Metrics
  readonly #partitions: MetricTags[] = []

  constructor(metrics: Metrics, threadId: string, taskId: string) {
    this.metrics = metrics
    this.tags = { 'thread-id': threadId, 'task-id': taskId }
    this.isDetailed = metrics.records('DEBUG')
    const scope = metrics.scope('stream-task-metrics', this.tags)
    this.dropped = new DroppedRecords(metrics, this.tags)
    this.process = scope.rateAndTotal('process', 'DEBUG')
    this.processLatency = scope.avgAndMax('process-latency', 'DEBUG')
    this.punctuate = scope.rateAndTotal('punctuate', 'DEBUG')
    this.punctuateLatency = scope.avgAndMax('punctuate-latency', 'DEBUG')
    this.lateness = scope.avgAndMax('record-lateness', 'DEBUG')
    this.enforcedProcessing = scope.rateAndTotal('enforced-processing', 'DEBUG')
    this.restore = scope.rateAndTotal('restore', 'DEBUG')
    scope.gauge('active-process-ratio', () => this.activeProcessRatio)
    scope.gauge('restore-remaining-records-total', () => this.remainingRecords())
  }

  /** Figures that are read from what the task holds. */
  gauges(read: {
    readonly bufferedRecords: () => number
    readonly cacheBytes: () => number
    readonly stateBytes: () => number
    readonly lag: () => number
  }): void {
    const scope = this.metrics.scope('stream-task-metrics', this.tags)
    scope.gauge('active-buffer-count', read.bufferedRecords, 'DEBUG')
    scope.gauge('cache-size-bytes-total', read.cacheBytes, 'DEBUG')
    scope.gauge('state-memory-bytes', read.stateBytes)
    scope.gauge('records-lag', read.lag)
  }

  /** Records of one input partition that are not processed yet, under the name that consumers have in Java. */
  partitionLag(topic: string, partition: number, lag: () => number): void {
    const tags = { 'client-id': `${this.tags['thread-id']}-consumer`, topic, partition: String(partition) }
    this.metrics.gauge('records-lag', 'consumer-fetch-manager-metrics', tags, lag)
    this.#partitions.push(tags)
  }

  source(nodeName: string): SourceFigures {
    return {
      process: this.#nodeScope(nodeName).rateAndTotal('process', 'DEBUG'),
      latency: this.latencyAt(nodeName),
    }
  }

  /** ms from a record's timestamp to when it came to the node: a source, or one without children. */
  latencyAt(nodeName: string): Distribution {
    return this.#nodeScope(nodeName).avgMinAndMax('record-e2e-latency')
  }

  consumed(nodeName: string, topic: string): TopicFigures {
    return this.#topic(nodeName, topic, 'consumed')
  }

  produced(nodeName: string, topic: string): TopicFigures {
    return this.#topic(nodeName, topic, 'produced')
  }

  suppressionEmit(nodeName: string): Counter {
    return this.#nodeScope(nodeName).rateAndTotal('suppression-emit', 'DEBUG')
  }

  /** Results of closed windows that a node emits, and ms that an emission took. */
  finalEmission(nodeName: string): { readonly emitted: Counter; readonly latency: Distribution } {
    const scope = this.#nodeScope(nodeName)
    return {
      emitted: scope.rateAndTotal('window-aggregate-final-emit', 'DEBUG'),
      latency: scope.avgAndMax('window-aggregate-final-emit-latency', 'DEBUG'),
    }
  }

  /** What processors are given. */
  readonly streamsMetrics: StreamsMetrics = {
    metrics: () => this.metrics.all(),
    addRateTotalSensor: (scopeName, entityName, operationName, level, ...tags) => {
      const calls = this.#ownScope(scopeName, entityName, tags).rateAndTotal(operationName, level)
      return { record: () => calls.record() }
    },
    addLatencyRateTotalSensor: (scopeName, entityName, operationName, level, ...tags) => {
      const scope = this.#ownScope(scopeName, entityName, tags)
      const calls = scope.rateAndTotal(operationName, level)
      const latency = scope.avgAndMax(`${operationName}-latency`, level)
      return {
        record(value) {
          calls.record()
          if (value !== undefined) latency.record(value)
        },
      }
    },
  }

  /** Forgets all figures of the task. */
  close(): void {
    this.metrics.remove(this.tags)
    for (const tags of this.#partitions) this.metrics.remove(tags)
  }

  #ownScope(scopeName: string, entityName: string, tags: readonly string[]) {
    const own: { [key: string]: string } = { 'thread-id': this.tags['thread-id']!, [`${scopeName}-id`]: entityName }
    for (let at = 0; at + 1 < tags.length; at += 2) own[tags[at]!] = tags[at + 1]!
    return this.metrics.scope(`stream-${scopeName}-metrics`, own)
  }

  #nodeScope(nodeName: string) {
    return this.metrics.scope('stream-processor-node-metrics', { ...this.tags, 'processor-node-id': nodeName })
  }

  #topic(nodeName: string, topic: string, direction: 'consumed' | 'produced'): TopicFigures {
    const scope = this.metrics.scope('stream-topic-metrics', { ...this.tags, 'processor-node-id': nodeName, topic })
    return { records: scope.total(`records-${direction}`), bytes: scope.total(`bytes-${direction}`) }
  }
}

/** Ends a round of a thread: tells each of its tasks which share of the processing it had. */
export function shareProcessing(tasks: Iterable<{ readonly task: { readonly figures: TaskMetrics } }>): void {
  const figures = Array.from(tasks, ({ task }) => task.figures)
  const all = figures.reduce((sum, { processNs }) => sum + processNs, 0)
  for (const task of figures) {
    if (all > 0) task.activeProcessRatio = task.processNs / all
    task.processNs = 0
  }
}
