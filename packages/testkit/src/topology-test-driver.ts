import { type Serde, Serdes, type TopicDeclaration } from '@millrace/serdes'
import { memoryEngine } from '@millrace/state-stores'
import {
  type ConsumerRecord,
  type EdgeSession,
  GlobalTask,
  type KeyValueStore,
  logAndContinueExceptionHandler,
  type Metric,
  Metrics,
  matchesWhole,
  newTaskCache,
  type PlannedTopology,
  type ProcessorTopology,
  parseStreamsConfig,
  type SessionStore,
  type SinkPlan,
  type SourcePlan,
  type StateStore,
  StreamsProducer,
  type StreamsProperties,
  StreamTask,
  silentLogger,
  systemTime,
  type TimestampedKeyValueStore,
  type TimestampedWindowStore,
  type TopologyPlan,
  type VersionedKeyValueStore,
  type WindowStore,
} from '@millrace/streams-core/internal'
import { DriverEdgeHost, type EdgeListeners } from './driver-edge-host.ts'
import type { DriverTopic } from './driver-topic.ts'
import { MockTime } from './mock-time.ts'
import { type ProducedRecord, RecordingProducer } from './recording-producer.ts'
import {
  asKeyValueStore,
  asSessionStore,
  asTimestampedKeyValueStore,
  asTimestampedWindowStore,
  asVersionedKeyValueStore,
  asWindowStore,
} from './store-kinds.ts'
import { type InputTopicOptions, type Pipe, TestInputTopic } from './test-input-topic.ts'
import { type OutputTopicOptions, TestOutputTopic } from './test-output-topic.ts'

const threadId = 'test-driver'

/**
 * Runs a topology in process, without topics or brokers: the production task over stores in memory, with one partition
 * for each topic and a clock that moves only by `advanceWallClockTime`. A piped-in record is processed, with all that
 * follows from it, before `pipeInput` returns; caches are flushed after each record.
 *
 *     piped in ─► queue of its topic ─► task ─► outputs ─► read by test-output topics
 *                     ▲                            │
 *                     └── repartition topics and other topics that the topology reads
 *
 * @see org.apache.kafka.streams.TopologyTestDriver
 */
export class TopologyTestDriver {
  readonly #plan: TopologyPlan
  readonly #time: MockTime
  readonly #metrics: Metrics
  readonly #task: StreamTask | undefined
  readonly #global: GlobalTask | undefined
  readonly #topics = new Map<string, DriverTopic>()
  /** Those that were written, in the order of their first record. */
  readonly #written: DriverTopic[] = []
  readonly #producer = new RecordingProducer((topic) => this.#topic(topic))
  readonly #defaultKeySerde: Serde<unknown>
  readonly #defaultValueSerde: Serde<unknown>
  readonly #edges: readonly EdgeSession[]
  readonly #listeners: EdgeListeners = new Map()
  #commits = 0
  #isClosed = false
  #onAsyncProgress: (() => void) | undefined

  /** `initialWallClockMs`: Unix ms, default 0. */
  constructor(topology: PlannedTopology, properties: StreamsProperties = {}, initialWallClockMs = 0) {
    const config = parseStreamsConfig({
      'application.id': 'test',
      mode: 'test',
      logger: silentLogger,
      ...properties,
    })
    this.#time = new MockTime(initialWallClockMs)
    this.#metrics = new Metrics({ recordingLevel: config.metricsRecordingLevel, now: () => this.#time.now() })
    this.#plan = topology.plan(config.applicationId, properties)
    this.#defaultKeySerde = config.defaultKeySerde ?? (Serdes.bytes() as Serde<unknown>)
    this.#defaultValueSerde = config.defaultValueSerde ?? (Serdes.bytes() as Serde<unknown>)
    const shared = { config, time: this.#time, metrics: this.#metrics, threadId, stateDir: undefined }
    const { whole, global } = this.#plan
    if (global !== undefined) {
      // Java's driver goes on after bad bytes for a global store, whatever the handler says.
      const settings = config.javaQuirks
        ? { ...config, deserializationExceptionHandler: logAndContinueExceptionHandler() }
        : config
      this.#global = new GlobalTask({ ...shared, config: settings, topology: global, engine: memoryEngine() })
      this.#global.initialize()
    }
    if (whole.nodes.length > 0) {
      this.#task = new StreamTask({
        ...shared,
        subtopology: whole,
        partition: 0,
        inputPartitions: sourcesOf(whole).flatMap((source) => source.topics.map((topic) => ({ topic, partition: 0 }))),
        stores: whole.stores.map((builder) => builder.build()),
        engine: memoryEngine(),
        cache: newTaskCache(config.statestoreCacheMaxBytes),
        producer: new StreamsProducer(this.#producer, (_topic, _partition, error) => error),
        globalStores: this.#global?.stores ?? new Map(),
      })
      this.#task.onAsyncProgress(() => this.#onAsyncProgress?.())
      this.#task.initializeStores()
      this.#task.initializeTopology([])
      for (const queue of this.#task.queues) queue.lag = 0
    }
    this.#settle()
    this.#edges = (topology.edges ?? []).map((edge) =>
      edge.attach(new DriverEdgeHost(this.#time, config.logger, this.#pipe, this.#listeners)),
    )
    for (const edge of this.#edges) {
      void edge.open()
      edge.run()
    }
  }

  /**
   * A topic to pipe records into: declared with its serdes, or by name. By name alone, its serdes are those of the source
   * that reads it.
   */
  createInputTopic<K, V>(topic: TopicDeclaration<K, V>, options?: InputTopicOptions<K, V>): TestInputTopic<K, V>
  createInputTopic<K = unknown, V = unknown>(topic: string, options?: InputTopicOptions<K, V>): TestInputTopic<K, V>
  createInputTopic<K, V>(
    topic: string | TopicDeclaration<K, V>,
    options: InputTopicOptions<K, V> = {},
  ): TestInputTopic<K, V> {
    const declared = typeof topic === 'string' ? undefined : topic
    const name = typeof topic === 'string' ? topic : topic.name
    const source = this.#sourceOf(name)
    return new TestInputTopic(name, this.#pipe, {
      keySerde: options.keySerde ?? declared?.keySerde ?? ((source?.keySerde ?? this.#defaultKeySerde) as Serde<K>),
      valueSerde:
        options.valueSerde ?? declared?.valueSerde ?? ((source?.valueSerde ?? this.#defaultValueSerde) as Serde<V>),
      startTimestamp: options.startTimestamp ?? this.#time.now(),
      autoAdvanceMs: options.autoAdvanceMs ?? 0,
    })
  }

  /**
   * A topic to read results from: declared with its serdes, or by name. By name alone, its serdes are those of the sink
   * that writes it. Records that were sent before are in it.
   */
  createOutputTopic<K, V>(topic: TopicDeclaration<K, V>): TestOutputTopic<K, V>
  createOutputTopic<K = unknown, V = unknown>(topic: string, options?: OutputTopicOptions<K, V>): TestOutputTopic<K, V>
  createOutputTopic<K, V>(
    topic: string | TopicDeclaration<K, V>,
    options: OutputTopicOptions<K, V> = {},
  ): TestOutputTopic<K, V> {
    const declared = typeof topic === 'string' ? undefined : topic
    const name = typeof topic === 'string' ? topic : topic.name
    const sink = this.#sinkOf(name)
    return new TestOutputTopic(
      name,
      this.#topic(name),
      options.keySerde ?? declared?.keySerde ?? ((sink?.keySerde ?? this.#defaultKeySerde) as Serde<K>),
      options.valueSerde ?? declared?.valueSerde ?? ((sink?.valueSerde ?? this.#defaultValueSerde) as Serde<V>),
    )
  }

  /** Moves the wall clock by `ms`, and calls the wall-clock punctuators that are due then, each once. */
  advanceWallClockTime(ms: number): void {
    this.#assertOpen()
    this.#time.advance(ms)
    this.#metrics.roll(this.#time.now())
    if (this.#task !== undefined) {
      this.#task.maybePunctuateWallClock()
      this.#commit(this.#task)
    }
    this.#settle()
  }

  /**
   * Waits until the calls of asynchronous operators have ended, and does all that follows from their results. Only needed
   * for topologies with such operators. Waits between two attempts pass at once: the wall clock is advanced over them.
   */
  async settle(): Promise<void> {
    const task = this.#task
    while (task !== undefined && task.pendingAsync > 0) {
      this.#assertOpen()
      if (task.hasAsyncResults) this.#settle()
      else if (task.isOnlyBackingOff) await this.#passBackoff()
      else await this.#asyncProgress()
    }
  }

  /** The wall clock, Unix ms. */
  currentWallClockTimeMs(): number {
    return this.#time.now()
  }

  /** Names of all topics that were written, internal ones included, in the order of their first record. */
  producedTopicNames(): string[] {
    return this.#written.map(({ name }) => name)
  }

  /** How many records were sent to a topic so far, read or not. */
  producedRecordCount(topic: string): number {
    return this.#topics.get(topic)?.count ?? 0
  }

  /** All stores by name, global ones included. */
  getAllStateStores(): Map<string, StateStore> {
    return new Map([...(this.#task?.stores ?? []), ...(this.#global?.stores ?? [])])
  }

  /** A store as the processors see it; undefined when there is none of that name. */
  getStateStore<S extends StateStore = StateStore>(name: string): S | undefined {
    return (this.#task?.stores.get(name) ?? this.#global?.stores.get(name)) as S | undefined
  }

  /** A key-value store's values, without their timestamps if it keeps any; undefined when there is none of that name. */
  getKeyValueStore<K, V>(name: string): KeyValueStore<K, V> | undefined {
    return this.#storeAs(name, asKeyValueStore<K, V>)
  }

  /** @throws InvalidStateStoreError when the store keeps no timestamps */
  getTimestampedKeyValueStore<K, V>(name: string): TimestampedKeyValueStore<K, V> | undefined {
    return this.#storeAs(name, asTimestampedKeyValueStore<K, V>)
  }

  getVersionedKeyValueStore<K, V>(name: string): VersionedKeyValueStore<K, V> | undefined {
    return this.#storeAs(name, asVersionedKeyValueStore<K, V>)
  }

  /** A window store's values, without their timestamps if it keeps any. */
  getWindowStore<K, V>(name: string): WindowStore<K, V> | undefined {
    return this.#storeAs(name, asWindowStore<K, V>)
  }

  /** @throws InvalidStateStoreError when the store keeps no timestamps */
  getTimestampedWindowStore<K, V>(name: string): TimestampedWindowStore<K, V> | undefined {
    return this.#storeAs(name, asTimestampedWindowStore<K, V>)
  }

  getSessionStore<K, V>(name: string): SessionStore<K, V> | undefined {
    return this.#storeAs(name, asSessionStore<K, V>)
  }

  /** All metrics of the task and its nodes, by Kafka's names. */
  metrics(): readonly Metric[] {
    return this.#metrics.all()
  }

  /** Closes processors and stores. Repeating it is harmless. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    for (const edge of this.#edges) {
      void edge.stopFeeding()
      void edge.end()
    }
    this.#task?.close()
    this.#global?.close()
  }

  #storeAs<S>(name: string, view: (store: StateStore) => S): S | undefined {
    const store = this.getStateStore(name)
    return store === undefined ? undefined : view(store)
  }

  readonly #pipe: Pipe = (topic, key, value, timestamp, headers) => {
    this.#assertOpen()
    const to = this.#topic(topic)
    if (!to.isResolved) this.#resolve(to)
    const { queue, isGlobal } = to
    if (queue === undefined && !isGlobal) {
      const known = [...(this.#task?.queues ?? []).map((queue) => queue.topic), ...(this.#global?.topics ?? [])]
      const reads = known.length === 0 ? 'none' : known.map((name) => `'${name}'`).join(', ')
      throw new RangeError(`Unknown topic '${topic}': the topology does not read it. It reads ${reads}.`)
    }
    const record = { offset: to.nextOffset++, timestamp, key, value, headers }
    if (queue !== undefined) {
      this.#task!.addRecord(queue, record)
      this.#settle()
    }
    if (isGlobal) this.#updateGlobal(topic, record)
  }

  /** Works until nothing is queued, or only what `max.task.idle.ms` holds back. */
  #settle(): void {
    this.#capture()
    const task = this.#task
    if (task === undefined) return
    while (task.drainAsync() || task.process(this.#time.now())) {
      task.maybePunctuateStreamTime()
      this.#commit(task)
      this.#capture()
    }
    // Nothing can be waited for here: whoever pipes the record prepares the serde first.
    if (task.waitingFor !== undefined) throw task.waitingFor
  }

  #commit(task: StreamTask): void {
    task.flushCaches()
    task.postCommit()
    this.#commits += 1
    if (this.#commits % commitsPerStoreCommit === 0) void task.engine.commit(noPositions)
  }

  async #passBackoff(): Promise<void> {
    this.#time.advanceToNextTimer()
    await systemTime.nextTurn()
  }

  #asyncProgress(): Promise<void> {
    return new Promise((resolve) => {
      this.#onAsyncProgress = resolve
    })
  }

  /** Hands on what was sent: to the outputs, and to what reads the topics. */
  #capture(): void {
    if (this.#producer.hasRecords) this.#producer.drain(this.#handOn)
  }

  readonly #handOn = (topic: DriverTopic, record: ProducedRecord): void => {
    if (!topic.isResolved) this.#resolve(topic)
    topic.records.push(record)
    topic.count += 1
    if (topic.count === 1) this.#written.push(topic)
    if (this.#listeners.size > 0) {
      this.#listeners.get(topic.name)?.forEach((listener) => void listener.onRecords([{ ...record, partition: 0 }]))
    }
    if (topic.queue !== undefined) this.#task!.addRecord(topic.queue, record)
    if (topic.isGlobal) this.#updateGlobal(topic.name, record)
  }

  #updateGlobal(topic: string, record: ConsumerRecord): void {
    this.#global!.update(topic, 0, record)
    this.#global!.flush()
  }

  #topic(name: string): DriverTopic {
    let topic = this.#topics.get(name)
    if (topic === undefined) {
      topic = { name, nextOffset: 0, records: [], count: 0, isResolved: false, queue: undefined, isGlobal: false }
      this.#topics.set(name, topic)
    }
    return topic
  }

  #resolve(topic: DriverTopic): void {
    topic.isResolved = true
    topic.queue = this.#task?.queueOf(topic.name, 0)
    topic.isGlobal = this.#global?.topics.has(topic.name) ?? false
  }

  #sourceOf(topic: string): SourcePlan | undefined {
    const { whole, global } = this.#plan
    const sources = [...sourcesOf(whole), ...(global === undefined ? [] : sourcesOf(global))]
    return (
      sources.find((source) => source.topics.includes(topic)) ??
      sources.find((source) => source.pattern !== undefined && matchesWhole(source.pattern, topic))
    )
  }

  #sinkOf(topic: string): SinkPlan | undefined {
    return this.#plan.whole.nodes.find((node) => node.kind === 'sink' && node.topic === topic) as SinkPlan | undefined
  }

  #assertOpen(): void {
    if (this.#isClosed) throw new Error('The test driver is closed; make a new one.')
  }
}

/** Nothing reads what the engine has committed here; it only must not pile up what could be undone. */
const commitsPerStoreCommit = 256

const noPositions = { changelogOffsets: new Map(), inputOffsets: new Map() }

function sourcesOf(topology: ProcessorTopology): SourcePlan[] {
  return topology.nodes.filter((node) => node.kind === 'source')
}
