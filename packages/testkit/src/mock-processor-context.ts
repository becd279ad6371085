import type { Serde } from '@millrace/serdes'
import { Headers } from '@millrace/serdes'
import { memoryEngine } from '@millrace/state-stores'
import {
  type Cancellable,
  type InternalProcessorContext,
  Metrics,
  newTaskCache,
  type PunctuationType,
  type Punctuator,
  parseStreamsConfig,
  type Record,
  type RecordContext,
  type RecordMetadata,
  type StateStore,
  type StoreContext,
  type StreamsConfig,
  type StreamsMetrics,
  type StreamsProperties,
  silentLogger,
  TaskMetrics,
  UnknownStateStoreError,
} from '@millrace/streams-core/internal'

/** A record that the processor forwarded; `childName` undefined: to all children. */
export interface CapturedForward<K, V> {
  readonly record: Record<K, V>
  readonly childName: string | undefined
}

/** A punctuator that the processor scheduled; a test calls it itself. */
export interface CapturedPunctuator {
  readonly intervalMs: number
  readonly type: PunctuationType
  readonly startTime: number | undefined
  readonly punctuator: Punctuator
  readonly isCancelled: boolean
}

/**
 * A context for testing one processor by itself: it keeps what the processor forwards, schedules and asks to commit. Time and
 * record metadata are what the test sets.
 *
 * ```ts
 * const context = new MockProcessorContext<string, number>()
 * const processor = supplier()
 * processor.init?.(context)
 * processor.process(new Record('k', 'v', 0))
 * expect(context.forwarded()).toHaveLength(1)
 * ```
 *
 * @see org.apache.kafka.streams.processor.api.MockProcessorContext
 */
export class MockProcessorContext<KOut, VOut> implements InternalProcessorContext<KOut, VOut> {
  readonly applicationId: string
  readonly taskId: string
  readonly nodeName = 'test'
  readonly figures: TaskMetrics
  readonly stateDir = undefined
  readonly #config: StreamsConfig
  readonly #stores = new Map<string, StateStore>()
  readonly #metadata = new Map<string, number>()
  #forwards: CapturedForward<KOut, VOut>[] = []
  readonly #punctuators: (CapturedPunctuator & { isCancelled: boolean })[] = []
  #committed = false
  #current: RecordContext | undefined
  #systemTimeMs = 0
  #streamTimeMs = -1
  #dropped = 0

  constructor(properties: StreamsProperties = {}, taskId = '0_0') {
    this.#config = parseStreamsConfig({
      'application.id': 'test',
      mode: 'test',
      logger: silentLogger,
      ...properties,
    })
    this.applicationId = this.#config.applicationId
    this.taskId = taskId
    const metrics = new Metrics({ recordingLevel: this.#config.metricsRecordingLevel, now: () => this.#systemTimeMs })
    this.figures = new TaskMetrics(metrics, 'test', taskId)
  }

  get keySerde(): Serde<unknown> | undefined {
    return this.#config.defaultKeySerde
  }

  get valueSerde(): Serde<unknown> | undefined {
    return this.#config.defaultValueSerde
  }

  /** The figures of the processor under test, and a way to add its own. */
  metrics(): StreamsMetrics {
    return this.figures.streamsMetrics
  }

  // ── What the test sets ──

  setRecordMetadata(topic: string, partition: number, offset: number): void {
    this.#current = { topic, partition, offset, timestamp: this.#streamTimeMs, headers: Headers.empty }
  }

  /** Unix ms. */
  setCurrentSystemTimeMs(time: number): void {
    this.#systemTimeMs = time
  }

  /** Unix ms. */
  setCurrentStreamTimeMs(time: number): void {
    this.#streamTimeMs = time
  }

  /** A store for `getStateStore`; opened over memory here unless it is open already. */
  addStateStore(store: StateStore): void {
    if (!store.isOpen()) store.init(this.getStateStoreContext())
    this.#stores.set(store.name, store)
  }

  /** The context with which stores are opened: memory, no changelog. */
  getStateStoreContext(): StoreContext {
    return this.#storeContext
  }

  // ── What the processor did ──

  /** What was forwarded since the last reset; with a name, what that child would have got. */
  forwarded(childName?: string): readonly CapturedForward<KOut, VOut>[] {
    if (childName === undefined) return [...this.#forwards]
    return this.#forwards.filter((forward) => forward.childName === undefined || forward.childName === childName)
  }

  resetForwards(): void {
    this.#forwards = []
  }

  scheduledPunctuators(): readonly CapturedPunctuator[] {
    return [...this.#punctuators]
  }

  /** True when the processor asked for a commit since the last reset. */
  committed(): boolean {
    return this.#committed
  }

  resetCommit(): void {
    this.#committed = false
  }

  /** Records counted as dropped. */
  droppedRecords(): number {
    return this.#dropped
  }

  // ── What the processor calls ──

  forward(record: Record<KOut, VOut>, childName?: string): void {
    this.#forwards.push({ record, childName })
  }

  recordMetadata(): RecordMetadata | undefined {
    if (this.#current?.topic === undefined) return undefined
    return { topic: this.#current.topic, partition: this.#current.partition, offset: this.#current.offset }
  }

  getStateStore<S extends StateStore>(name: string): S {
    const store = this.#stores.get(name)
    if (store === undefined) {
      throw new UnknownStateStoreError(
        name,
        `The mock context has no store '${name}'. Call addStateStore() before init().`,
      )
    }
    return store as S
  }

  schedule(intervalMs: number, type: PunctuationType, punctuator: Punctuator, startTime?: number): Cancellable {
    if (!(intervalMs >= 1))
      throw new RangeError(`A punctuator was scheduled every ${intervalMs} ms; the least is 1 ms.`)
    const captured = { intervalMs, type, startTime, punctuator, isCancelled: false }
    this.#punctuators.push(captured)
    return {
      cancel: () => {
        captured.isCancelled = true
      },
    }
  }

  commit(): void {
    this.#committed = true
  }

  currentSystemTimeMs(): number {
    return this.#systemTimeMs
  }

  currentStreamTimeMs(): number {
    return this.#streamTimeMs
  }

  appConfigs(): Readonly<{ [key: string]: unknown }> {
    return this.#config.properties
  }

  appConfigsWithPrefix(prefix: string): Readonly<{ [key: string]: unknown }> {
    const withPrefix = Object.entries(this.#config.properties).filter(([key]) => key.startsWith(prefix))
    return Object.fromEntries(withPrefix.map(([key, value]) => [key.slice(prefix.length), value]))
  }

  recordContext(): RecordContext | undefined {
    return this.#current
  }

  setRecordContext(context: RecordContext | undefined): void {
    this.#current = context
  }

  recordDropped(): void {
    this.#dropped += 1
  }

  warn(): void {}

  processorMetadata(key: string): number | undefined {
    return this.#metadata.get(key)
  }

  setProcessorMetadata(key: string, value: number): void {
    this.#metadata.set(key, value)
  }

  readonly #storeContext: StoreContext = {
    applicationId: 'test',
    taskId: '0_0',
    engine: memoryEngine(),
    cache: newTaskCache(0),
    changelogTopic: (storeName) => `${this.applicationId}-${storeName}-changelog`,
    recordContext: () => this.#current,
    setRecordContext: (context) => {
      this.#current = context
    },
    logChange: () => {},
    currentStreamTimeMs: () => this.#streamTimeMs,
    recordDropped: () => this.recordDropped(),
  }
}
