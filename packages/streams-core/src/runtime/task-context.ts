import { Headers } from '@millrace/serdes'
import { RecordCache, type StateEngine } from '@millrace/state-stores'
import { assert } from '../errors.ts'
import type { Logger } from '../logger.ts'
import type { DropReason } from '../metrics/dropped-records.ts'
import { TaskMetrics } from '../metrics/task-metrics.ts'
import type { Metrics } from '../metrics.ts'
import type { RecordContext } from '../processors/record-context.ts'
import type { StateStore } from '../state/state-store.ts'
import type { StoreContext } from '../state/store-context.ts'
import type { StreamsConfig } from '../streams-config.ts'
import type { Time } from '../time.ts'
import type { RecordCollector } from './record-collector.ts'

/** The record cache of a worker, shared by its tasks. */
export type TaskCache = RecordCache<RecordContext | undefined>

/** A cache of so many bytes, counting them as Java estimates. */
export function newTaskCache(maxBytes: number): TaskCache {
  return new RecordCache({ maxBytes, contextBytes: recordContextBytes })
}

function recordContextBytes(context: RecordContext | undefined): number {
  let bytes = 20 + (context?.topic?.length ?? 0)
  if (context !== undefined && context.headers.size > 0) {
    for (const { key, value } of context.headers) bytes += key.length + (value?.length ?? 0)
  }
  return bytes
}

/**
 * What all nodes and stores of one task share: the record in process, the clocks, the stores, the door out.
 * Its mutable fields are set by the task alone, except `current` which each `forward` sets and sets back.
 */
export class TaskContext implements StoreContext {
  readonly applicationId: string
  readonly taskId: string
  readonly partition: number
  readonly config: StreamsConfig
  readonly engine: StateEngine
  readonly cache: TaskCache | undefined
  readonly stateDir: string | undefined
  readonly time: Time
  readonly logger: Logger
  readonly figures: TaskMetrics
  /** The stores of the task, by name, once they are open. */
  readonly stores = new Map<string, StateStore>()
  readonly globalStores: ReadonlyMap<string, StateStore>
  readonly #changelogTopics: ReadonlyMap<string, string>
  readonly #collector: RecordCollector | undefined

  /** The context of the record in process. */
  current: RecordContext | undefined
  /** Wall-clock time at which the record in process was taken, Unix ms. */
  systemTimeMs = 0
  /** Greatest timestamp the task has seen, Unix ms; -1 before the first record. */
  streamTimeMs = -1
  commitRequested = false
  /** Called when a call of an asynchronous operator has ended, or begins to wait for another attempt. */
  onAsyncProgress: () => void = () => {}
  /** Committed with the input offsets, and read back when the task starts (KIP-825). */
  processorMetadata: Map<string, number> = new Map()
  processorMetadataNeedsCommit = false

  constructor(options: {
    readonly taskId: string
    readonly partition: number
    readonly config: StreamsConfig
    readonly engine: StateEngine
    readonly cache: TaskCache | undefined
    readonly stateDir: string | undefined
    readonly time: Time
    readonly metrics: Metrics
    readonly threadId: string
    readonly changelogTopics: ReadonlyMap<string, string>
    readonly globalStores: ReadonlyMap<string, StateStore>
    /** Undefined for the global task, which sends nothing. */
    readonly collector: RecordCollector | undefined
  }) {
    this.applicationId = options.config.applicationId
    this.taskId = options.taskId
    this.partition = options.partition
    this.config = options.config
    this.engine = options.engine
    this.cache = options.cache
    this.stateDir = options.stateDir
    this.time = options.time
    this.logger = options.config.logger
    this.figures = new TaskMetrics(options.metrics, options.threadId, options.taskId)
    this.globalStores = options.globalStores
    this.#changelogTopics = options.changelogTopics
    this.#collector = options.collector
  }

  /** @throws InvariantError for the global task */
  collector(): RecordCollector {
    assert(this.#collector !== undefined, `Task ${this.taskId} has no record collector.`)
    return this.#collector
  }

  hasCollector(): boolean {
    return this.#collector !== undefined
  }

  changelogTopic(storeName: string): string {
    return this.#changelogTopics.get(storeName) ?? `${this.applicationId}-${storeName}-changelog`
  }

  recordContext(): RecordContext | undefined {
    return this.current
  }

  setRecordContext(context: RecordContext | undefined): void {
    this.current = context
  }

  logChange(
    storeName: string,
    key: Uint8Array,
    value: Uint8Array | null,
    timestamp: number,
    headers: Headers = Headers.empty,
  ): void {
    this.#collector?.sendChange(this.changelogTopic(storeName), this.partition, key, value, timestamp, headers)
  }

  currentStreamTimeMs(): number {
    return this.streamTimeMs
  }

  recordDropped(reason: DropReason = 'store-retention', place = ''): void {
    this.figures.dropped.record(reason, place)
  }
}
