import type { Serde } from '@millrace/serdes'
import { IllegalStateError, UnknownStateStoreError } from '../errors.ts'
import type { DropReason } from '../metrics/dropped-records.ts'
import type { StreamsMetrics } from '../metrics/streams-metrics.ts'
import type { TaskMetrics } from '../metrics/task-metrics.ts'
import type { InternalProcessorContext } from '../processors/internal-processor-context.ts'
import type { Cancellable, PunctuationType, Punctuator, RecordMetadata } from '../processors/processor.ts'
import type { Record } from '../processors/record.ts'
import type { RecordContext } from '../processors/record-context.ts'
import type { StateStore } from '../state/state-store.ts'
import type { TaskContext } from './task-context.ts'

/** What a node hands records to. */
export interface ChildNode {
  readonly name: string
  process(record: Record<unknown, unknown>): void
}

/** How a processor's context reaches the punctuation queues of its task; undefined in a global task. */
export type Scheduler = (
  context: NodeContext,
  intervalMs: number,
  type: PunctuationType,
  punctuator: Punctuator,
  startTime: number | undefined,
) => Cancellable

/**
 * The context of one processor node. `forward` is the hot path: it allocates only when the record's timestamp or headers
 * differ from those of the record in process.
 * @see org.apache.kafka.streams.processor.internals.ProcessorContextImpl — there one context serves all nodes of a task and tracks the current node
 */
export class NodeContext implements InternalProcessorContext<unknown, unknown> {
  readonly nodeName: string
  readonly #task: TaskContext
  readonly #storeNames: ReadonlySet<string>
  readonly #children: ChildNode[] = []
  readonly #schedule: Scheduler | undefined

  constructor(
    nodeName: string,
    task: TaskContext,
    storeNames: readonly string[] = [],
    schedule: Scheduler | undefined = undefined,
  ) {
    this.nodeName = nodeName
    this.#task = task
    this.#storeNames = new Set(storeNames)
    this.#schedule = schedule
  }

  /** Children get records in the order in which they were added. */
  addChild(child: ChildNode): void {
    this.#children.push(child)
  }

  get applicationId(): string {
    return this.#task.applicationId
  }

  get taskId(): string {
    return this.#task.taskId
  }

  get figures(): TaskMetrics {
    return this.#task.figures
  }

  metrics(): StreamsMetrics {
    return this.#task.figures.streamsMetrics
  }

  get stateDir(): string | undefined {
    return this.#task.stateDir
  }

  get keySerde(): Serde<unknown> | undefined {
    return this.#task.config.defaultKeySerde
  }

  get valueSerde(): Serde<unknown> | undefined {
    return this.#task.config.defaultValueSerde
  }

  forward(record: Record<unknown, unknown>, childName?: string): void {
    const task = this.#task
    const previous = task.current
    if (previous === undefined || (record.timestamp === previous.timestamp && record.headers === previous.headers)) {
      this.#hand(record, childName)
      return
    }
    task.current = {
      timestamp: record.timestamp,
      offset: previous.offset,
      partition: previous.partition,
      topic: previous.topic,
      headers: record.headers,
      rawKey: previous.rawKey ?? null,
      rawValue: previous.rawValue ?? null,
    }
    try {
      this.#hand(record, childName)
    } finally {
      task.current = previous
    }
  }

  #hand(record: Record<unknown, unknown>, childName: string | undefined): void {
    const children = this.#children
    if (childName === undefined) {
      for (let at = 0; at < children.length; at += 1) children[at]!.process(record)
      return
    }
    for (const child of children) {
      if (child.name !== childName) continue
      child.process(record)
      return
    }
    throw new IllegalStateError(
      `Processor '${this.nodeName}' has no child '${childName}'. Its children: ${children.map((child) => child.name).join(', ') || 'none'}.`,
      { taskId: this.taskId },
    )
  }

  recordContext(): RecordContext | undefined {
    return this.#task.current
  }

  setRecordContext(context: RecordContext | undefined): void {
    this.#task.current = context
  }

  recordMetadata(): RecordMetadata | undefined {
    const current = this.#task.current
    if (current?.topic === undefined) return undefined
    return { topic: current.topic, partition: current.partition, offset: current.offset }
  }

  recordDropped(reason: DropReason): void {
    this.#task.recordDropped(reason, this.nodeName)
  }

  warn(message: string): void {
    this.#task.logger.warn(`Task ${this.#task.taskId}, processor '${this.nodeName}': ${message}`)
  }

  getStateStore<S extends StateStore>(name: string): S {
    const globalStore = this.#task.globalStores.get(name)
    if (globalStore !== undefined) return globalStore as S
    const store = this.#task.stores.get(name)
    if (store !== undefined && this.#storeNames.has(name)) return store as S
    const what =
      store === undefined
        ? `there is no store of that name in task ${this.taskId}`
        : 'the store is not connected to the processor'
    throw new UnknownStateStoreError(
      name,
      `Processor '${this.nodeName}' has no access to state store '${name}': ${what}. Name the store in process(), processValues() or transformValues(), give it in the supplier's 'stores', or call connectProcessorAndStateStores().`,
      { taskId: this.taskId },
    )
  }

  schedule(intervalMs: number, type: PunctuationType, punctuator: Punctuator, startTime?: number): Cancellable {
    if (!(intervalMs >= 1)) {
      throw new RangeError(
        `Processor '${this.nodeName}' scheduled a punctuator every ${intervalMs} ms; the least is 1 ms.`,
      )
    }
    if (startTime !== undefined && !(startTime >= 0)) {
      throw new RangeError(
        `Processor '${this.nodeName}' scheduled a punctuator from ${startTime} on; the least start time is 0.`,
      )
    }
    if (this.#schedule === undefined) {
      throw new IllegalStateError(
        `Processor '${this.nodeName}' cannot schedule: the processors of global stores have no punctuators.`,
      )
    }
    return this.#schedule(this, intervalMs, type, punctuator, startTime)
  }

  commit(): void {
    this.#task.commitRequested = true
  }

  currentSystemTimeMs(): number {
    return this.#task.systemTimeMs
  }

  currentStreamTimeMs(): number {
    return this.#task.streamTimeMs
  }

  appConfigs(): Readonly<{ [key: string]: unknown }> {
    return this.#task.config.properties
  }

  appConfigsWithPrefix(prefix: string): Readonly<{ [key: string]: unknown }> {
    const found: { [key: string]: unknown } = {}
    for (const [key, value] of Object.entries(this.#task.config.properties)) {
      if (key.startsWith(prefix)) found[key.slice(prefix.length)] = value
    }
    return found
  }

  processorMetadata(key: string): number | undefined {
    return this.#task.processorMetadata.get(key)
  }

  setProcessorMetadata(key: string, value: number): void {
    this.#task.processorMetadata.set(key, value)
    this.#task.processorMetadataNeedsCommit = true
  }
}
