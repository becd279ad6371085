import { memoryEngine } from '@millrace/state-stores'
import type { Admin } from './clients/admin.ts'
import type { KafkaClientSupplier } from './clients/client-supplier.ts'
import type { TopicPartition } from './clients/consumer.ts'
import { assert, IllegalStateError, StreamsConfigError, toError } from './errors.ts'
import { type Metric, Metrics } from './metrics.ts'
import type { KeyPartitioning, KeyQueryMetadata } from './queries/key-query-metadata.ts'
import type { StoreQueryParameters } from './queries/local-stores.ts'
import type { StateQueryRequest, StateQueryResult } from './queries/query-result.ts'
import type { QueryableStoreType } from './queries/queryable-store-types.ts'
import { StateQueries } from './queries/state-queries.ts'
import type { StateQuery } from './queries/state-query.ts'
import type { LagInfo } from './queries/store-lags.ts'
import { parseApplicationServer, type StreamsMetadata } from './queries/streams-metadata.ts'
import type { StateRestoreListener } from './runtime/changelog-reader.ts'
import { GlobalStreamThread } from './runtime/global-stream-thread.ts'
import { GlobalTask } from './runtime/global-task.ts'
import { makeReady } from './runtime/internal-topic-manager.ts'
import { newStreamThread } from './runtime/new-stream-thread.ts'
import { type PartitionPlan, planPartitions, requireApplicationId } from './runtime/partition-plan.ts'
import { persistentEngines } from './runtime/persistent-engine.ts'
import { StateDirectory } from './runtime/state-directory.ts'
import type { StreamThread, StreamThreadState } from './runtime/stream-thread.ts'
import type { StateEngineFactory } from './runtime/task-manager.ts'
import type { ReadOnlyKeyValueStore } from './state/state-store.ts'
import { parseStreamsConfig, type StreamsConfig, type StreamsProperties } from './streams-config.ts'
import { systemTime, type Time, type Timer } from './time.ts'
import type { PlannedTopology, ProcessorTopology, TopologyPlan } from './topology/processor-topology.ts'

/** @see org.apache.kafka.streams.KafkaStreams.State */
export type KafkaStreamsState =
  | 'CREATED'
  | 'REBALANCING'
  | 'RUNNING'
  | 'PENDING_SHUTDOWN'
  | 'NOT_RUNNING'
  | 'PENDING_ERROR'
  | 'ERROR'

const VALID_TRANSITIONS: { readonly [From in KafkaStreamsState]: readonly KafkaStreamsState[] } = {
  CREATED: ['REBALANCING', 'PENDING_SHUTDOWN'],
  REBALANCING: ['RUNNING', 'PENDING_SHUTDOWN', 'PENDING_ERROR'],
  RUNNING: ['REBALANCING', 'PENDING_SHUTDOWN', 'PENDING_ERROR'],
  PENDING_SHUTDOWN: ['NOT_RUNNING'],
  NOT_RUNNING: [],
  PENDING_ERROR: ['ERROR'],
  ERROR: [],
}

/** An hour: well below the longest time that a timer can be set for. */
const keepAliveMs = 3_600_000

/** Told of each change of state. */
export type StateListener = (newState: KafkaStreamsState, oldState: KafkaStreamsState) => void

/** What to do when a thread ends with an error: run another in its place, or end this instance. */
export type UncaughtExceptionResponse = 'REPLACE_THREAD' | 'SHUTDOWN_CLIENT'

/** One task of this instance, and how far it is. @see org.apache.kafka.streams.TaskMetadata */
export interface TaskMetadata {
  readonly taskId: string
  readonly topicPartitions: readonly TopicPartition[]
  readonly isRestoring: boolean
  /** Records known to be in the input partitions and not processed yet. */
  readonly lag: number
}

/** Ports that a host other than production may replace. */
export interface KafkaStreamsOptions {
  /** Default: the wall clock. */
  readonly time?: Time
  /** Opens the engine of a task's persistent stores. Default: one LevelDB per task under `state.dir`. */
  readonly stateEngine?: StateEngineFactory
}

/**
 * A running application: a topology over the topics of a log.
 *
 * ```ts
 * const streams = new KafkaStreams(topology, { 'application.id': 'delays' }, embeddedClientSupplier(log))
 * await streams.start()
 * …
 * await streams.close()
 * ```
 *
 * `start` resolves when the application is RUNNING; `stopped` settles when it has ended, with an error if one ended it.
 *
 *   CREATED ─► REBALANCING ⇄ RUNNING ─► PENDING_SHUTDOWN ─► NOT_RUNNING
 *                    └──────────┴─────► PENDING_ERROR ─► ERROR
 *
 * @see org.apache.kafka.streams.KafkaStreams
 */
export class KafkaStreams {
  readonly #config: StreamsConfig
  readonly #plan: TopologyPlan
  readonly #clients: KafkaClientSupplier
  readonly #time: Time
  readonly #stateEngine: StateEngineFactory
  readonly #stateDirectory: StateDirectory
  readonly #metrics = new Metrics()
  readonly #running = new Settlement()
  readonly #stopped = new Settlement()
  #state: KafkaStreamsState = 'CREATED'
  #stateListener: StateListener = () => {}
  #restoreListener: StateRestoreListener = {}
  #onUncaught: (error: Error) => UncaughtExceptionResponse = () => 'SHUTDOWN_CLIENT'
  #thread: StreamThread | undefined
  #globalThread: GlobalStreamThread | undefined
  readonly #queries: StateQueries
  #globalTask: GlobalTask | undefined
  #partitionPlan: PartitionPlan | undefined
  #keepAlive: Timer | undefined

  /** @throws StreamsConfigError for a setting that is missing or not allowed, TopologyError */
  constructor(
    topology: PlannedTopology,
    properties: StreamsProperties,
    clients: KafkaClientSupplier,
    options: KafkaStreamsOptions = {},
  ) {
    this.#config = parseStreamsConfig(properties)
    const applicationId = requireApplicationId(this.#config.applicationId)
    if (this.#config.processingGuarantee === 'exactly_once_v2' && !clients.supports.transactions) {
      throw new StreamsConfigError(
        'processing.guarantee',
        'These clients cannot run transactions. Set processing.guarantee to at_least_once, or use other clients.',
      )
    }
    this.#plan = topology.plan(applicationId, properties)
    this.#clients = clients
    this.#time = options.time ?? systemTime
    this.#stateEngine = options.stateEngine ?? persistentEngines(this.#config.logger)
    this.#stateDirectory = new StateDirectory(this.#config.stateDir, applicationId)
    const { applicationServer } = this.#config
    this.#queries = new StateQueries({
      applicationServer: typeof applicationServer === 'string' ? parseApplicationServer(applicationServer) : undefined,
      config: this.#config,
      plan: this.#plan,
      clients,
      time: this.#time,
      state: () => this.#state,
      tasks: () => this.#thread?.tasks.values() ?? [],
      globalStores: () => this.#globalTask?.stores ?? new Map(),
      partitionPlan: () => this.#partitionPlan,
    })
  }

  /** Where the application stands. */
  state(): KafkaStreamsState {
    return this.#state
  }

  /** Settles when the application has ended: rejects with the error that ended it, if one did. */
  get stopped(): Promise<void> {
    return this.#stopped.promise
  }

  /** Before `start`. */
  setStateListener(listener: StateListener): void {
    this.#requireCreated('setStateListener')
    this.#stateListener = listener
  }

  /** Before `start`. Told how stores are restored. */
  setGlobalStateRestoreListener(listener: StateRestoreListener): void {
    this.#requireCreated('setGlobalStateRestoreListener')
    this.#restoreListener = listener
  }

  /** Before `start`. Default: an error ends the instance. */
  setUncaughtExceptionHandler(handler: (error: Error) => UncaughtExceptionResponse): void {
    this.#requireCreated('setUncaughtExceptionHandler')
    this.#onUncaught = handler
  }

  /**
   * Creates the internal topics, restores the stores and begins to process. Resolves when the state is RUNNING.
   * @throws MissingSourceTopicError, MisconfiguredInternalTopicError, TopologyError, LockError
   */
  async start(): Promise<void> {
    this.#requireCreated('start')
    this.#transition('REBALANCING')
    this.#stayAlive()
    try {
      const processId = this.#stateDirectory.open()
      const admin = this.#clients.admin()
      const plan = await this.#planPartitions(admin)
      this.#partitionPlan = plan
      await makeReady(admin, plan.internalTopics, this.#config.replicationFactor)
      await this.#startThreads(admin, plan, processId)
    } catch (error) {
      this.#stateDirectory.close()
      this.#fail(toError(error))
    }
    await this.#running.promise
  }

  /**
   * Commits what is done and stops. True when that took at most `timeoutMs` (default: as long as it takes); the rest of
   * the work goes on otherwise.
   */
  async close(options: { readonly timeoutMs?: number } = {}): Promise<boolean> {
    if (this.#state === 'CREATED') {
      this.#transition('PENDING_SHUTDOWN')
      this.#transition('NOT_RUNNING')
    } else if (this.#state === 'REBALANCING' || this.#state === 'RUNNING') {
      this.#transition('PENDING_SHUTDOWN')
      this.#thread?.stop()
      this.#globalThread?.stop()
    }
    const stopped = this.#stopped.promise.then(
      () => true,
      () => true,
    )
    if (options.timeoutMs === undefined) return stopped
    const { timeoutMs } = options
    const late = new Promise<boolean>((resolve) => {
      const timer = this.#time.setTimer(timeoutMs, () => resolve(false))
      void stopped.then(() => timer.cancel())
    })
    return Promise.race([stopped, late])
  }

  /** Removes the local state of all tasks; it is restored at the next start. @throws IllegalStateError while it runs */
  cleanUp(): void {
    if (this.#state !== 'CREATED' && this.#state !== 'NOT_RUNNING' && this.#state !== 'ERROR') {
      throw new IllegalStateError(`cleanUp() was called in state ${this.#state}. Close the application first.`)
    }
    this.#stateDirectory.clean()
  }

  /** All figures, by Kafka's names. */
  metrics(): readonly Metric[] {
    return this.#metrics.all()
  }

  /** The tasks of this instance. */
  metadataForLocalThreads(): readonly TaskMetadata[] {
    return [...(this.#thread?.tasks.values() ?? [])].map(({ plan, task }) => ({
      taskId: plan.id,
      topicPartitions: plan.inputPartitions,
      isRestoring: task.state !== 'running',
      lag: task.queues.reduce((sum, queue) => sum + queue.size + (queue.lag ?? 0), 0),
    }))
  }

  /**
   * A read-only view of a store over all of its partitions that this instance has; ranges give partition after partition.
   * Without a type: a key-value store. The view finds its partitions anew at each read and stays valid over rebalances.
   *
   * ```ts
   * const counts = streams.store('counts', QueryableStoreTypes.keyValueStore<string, number>())
   * counts.get('be') // 2
   * ```
   *
   * Under exactly-once it shows what is committed, unless `parameters.isolation` says otherwise; Java shows what may yet be
   * aborted.
   * @throws UnknownStateStoreError, InvalidStateStoreError for another kind of store, StreamsNotStartedError,
   *   StateStoreNotAvailableError while the store is being restored or is not here
   */
  store<K, V>(storeName: string, type?: undefined, parameters?: StoreQueryParameters): ReadOnlyKeyValueStore<K, V>
  store<View>(storeName: string, type: QueryableStoreType<View>, parameters?: StoreQueryParameters): View
  store(storeName: string, type?: QueryableStoreType<unknown>, parameters?: StoreQueryParameters): unknown {
    return type === undefined
      ? this.#queries.store(storeName, undefined, parameters)
      : this.#queries.store(storeName, type, parameters)
  }

  /**
   * Asks each partition of a store by itself (KIP-796): what fails in one does not keep the others from answering.
   *
   * ```ts
   * const answer = streams.query('counts', KeyQuery.withKey<string, number>('be'), { positionBound: { words: { 0: 17 } } })
   * answer.onlyPartitionResult()?.result // 2
   * ```
   *
   * @throws UnknownStateStoreError, StreamsNotStartedError, StateStoreNotAvailableError when the application has ended
   */
  query<R>(storeName: string, query: StateQuery<R>, request?: StateQueryRequest): StateQueryResult<R> {
    return this.#queries.query(storeName, query, request)
  }

  /**
   * Which partition of a store a key is in, and which instance has it. `by`: the serde of the keys, or the partitioner, of the
   * topics that lead to the store. Default: the store's own serde with Kafka's partitioner.
   * @throws UnknownStateStoreError, StateStoreNotAvailableError before the application has found out its partitions
   */
  queryMetadataForKey<K>(storeName: string, key: K, by?: KeyPartitioning<K>): KeyQueryMetadata {
    return this.#queries.queryMetadataForKey(storeName, key, by)
  }

  /** The instances of the application that are known, this one first, with what they have. */
  metadataForAllStreamsClients(): readonly StreamsMetadata[] {
    return this.#queries.metadataForAllStreamsClients()
  }

  /** The instances that have some partition of the store. @throws UnknownStateStoreError */
  streamsMetadataForStore(storeName: string): readonly StreamsMetadata[] {
    return this.#queries.streamsMetadataForStore(storeName)
  }

  /** How far the stores of this instance are behind their changelogs: by store, then partition. */
  allLocalStorePartitionLags(): Promise<ReadonlyMap<string, ReadonlyMap<number, LagInfo>>> {
    return this.#queries.allLocalStorePartitionLags()
  }

  /** What query services are made on; applications call the methods above. */
  get queries(): StateQueries {
    return this.#queries
  }

  async #planPartitions(admin: Admin): Promise<PartitionPlan> {
    const names = new Set(this.#plan.subtopologies.flatMap(({ sourceTopics }) => sourceTopics))
    if (this.#plan.subtopologies.some(({ sourcePatterns }) => sourcePatterns.length > 0)) {
      for (const name of await admin.listTopics()) names.add(name)
    }
    const found = await admin.describeTopics([...names])
    return planPartitions(this.#plan, new Map([...found.values()].map(({ name, partitions }) => [name, partitions])))
  }

  async #startThreads(admin: Admin, plan: PartitionPlan, processId: string): Promise<void> {
    const { global } = this.#plan
    const globalTask = global === undefined ? undefined : this.#newGlobalTask(global)
    this.#globalTask = globalTask
    const runs: Promise<void>[] = []
    if (globalTask !== undefined) {
      const isolation = this.#isExactlyOnce ? 'read_committed' : 'read_uncommitted'
      const clientId = `${this.#config.applicationId}-global-consumer`
      const consumer = this.#clients.restoreConsumer({ clientId, isolation })
      const [config, time] = [this.#config, this.#time]
      this.#globalThread = new GlobalStreamThread({ task: globalTask, consumer, admin, config, time })
      if (this.#state !== 'REBALANCING') this.#globalThread.stop()
      await this.#globalThread.start()
      runs.push(this.#globalThread.run())
    }
    if (plan.tasks.length > 0) runs.push(this.#runThread(admin, plan, processId, globalTask))
    else this.#transition('RUNNING')
    for (const run of runs) run.catch(() => this.#stopAfterError())
    void Promise.allSettled(runs).then(async (results) => {
      await admin.close()
      this.#stateDirectory.close()
      const failed = results.find((result) => result.status === 'rejected')
      if (failed === undefined) this.#transition('NOT_RUNNING')
      else this.#fail(toError(failed.reason))
    })
  }

  #newGlobalTask(topology: ProcessorTopology): GlobalTask {
    return new GlobalTask({
      topology,
      config: this.#config,
      engine: memoryEngine(),
      stateDir: undefined,
      time: this.#time,
      metrics: this.#metrics,
      threadId: `${this.#config.applicationId}-GlobalStreamThread`,
    })
  }

  /** Runs the stream thread, and another one in its place as long as the handler says so. */
  async #runThread(
    admin: Admin,
    plan: PartitionPlan,
    processId: string,
    globalTask: GlobalTask | undefined,
  ): Promise<void> {
    while (this.#state === 'REBALANCING' || this.#state === 'RUNNING') {
      const thread = newStreamThread({
        config: this.#config,
        time: this.#time,
        metrics: this.#metrics,
        clients: this.#clients,
        admin,
        plan,
        processId,
        threadNumber: 1,
        stateDirectory: this.#stateDirectory,
        openEngine: this.#stateEngine,
        globalStores: globalTask?.stores ?? new Map(),
        restoreListener: this.#restoreListener,
        onStateChange: (state) => this.#onThreadState(state),
      })
      this.#thread = thread
      try {
        await thread.run()
        return
      } catch (error) {
        this.#config.logger.error(`Thread ${thread.name} ended with an error.`, error)
        if (this.#onUncaught(toError(error)) !== 'REPLACE_THREAD') throw error
        if (this.#state === 'RUNNING') this.#transition('REBALANCING')
      }
    }
  }

  #onThreadState(state: StreamThreadState): void {
    if (state === 'running' && this.#state === 'REBALANCING') this.#transition('RUNNING')
    if (state === 'partitionsAssigned' && this.#state === 'RUNNING') this.#transition('REBALANCING')
  }

  /** One of the threads has failed: the other ends too. */
  #stopAfterError(): void {
    if (this.#state === 'REBALANCING' || this.#state === 'RUNNING') this.#transition('PENDING_ERROR')
    this.#thread?.stop()
    this.#globalThread?.stop()
  }

  /** All threads have ended after an error. While closing, the state becomes NOT_RUNNING, and `stopped` still rejects. */
  #fail(error: Error): void {
    if (this.#state === 'REBALANCING' || this.#state === 'RUNNING') this.#transition('PENDING_ERROR')
    this.#running.reject(error)
    this.#stopped.reject(error)
    this.#transition(this.#state === 'PENDING_SHUTDOWN' ? 'NOT_RUNNING' : 'ERROR')
  }

  get #isExactlyOnce(): boolean {
    return this.#config.processingGuarantee === 'exactly_once_v2'
  }

  /** Keeps the process from ending while the application has nothing to do. */
  #stayAlive(): void {
    this.#keepAlive = this.#time.setTimer(keepAliveMs, () => this.#stayAlive())
  }

  #requireCreated(call: string): void {
    if (this.#state === 'CREATED') return
    throw new IllegalStateError(
      `${call}() was called in state ${this.#state}; it may only be called once, before the application has started.`,
    )
  }

  #transition(to: KafkaStreamsState): void {
    const from = this.#state
    assert(VALID_TRANSITIONS[from].includes(to), `KafkaStreams cannot go from ${from} to ${to}.`)
    this.#state = to
    if (to === 'NOT_RUNNING' || to === 'ERROR') this.#keepAlive?.cancel()
    if (to === 'RUNNING') this.#running.resolve()
    if (to === 'NOT_RUNNING') {
      this.#running.reject(new IllegalStateError('The application was closed before it was running.'))
      this.#stopped.resolve()
    }
    this.#stateListener(to, from)
  }
}

/** A promise with its ends in hand; a rejection that nobody waits for is no fault. */
class Settlement {
  readonly promise: Promise<void>
  resolve!: () => void
  reject!: (error: Error) => void

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve
      this.reject = reject
    })
    this.promise.catch(() => {})
  }
}
