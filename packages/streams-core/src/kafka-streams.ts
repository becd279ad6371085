import { type ClientInstanceIds, noClientInstanceIds } from './client-instance-ids.ts'
import type { KafkaClientSupplier } from './clients/client-supplier.ts'
import { ClientEdgeHost } from './edges/client-edge-host.ts'
import { EdgeSessions } from './edges/edge-sessions.ts'
import { IllegalStateError, toError } from './errors.ts'
import { ApplicationState, type KafkaStreamsState, type StateListener } from './kafka-streams-state.ts'
import { type Metric, Metrics } from './metrics.ts'
import { parseApplicationServer } from './queries/host-info.ts'
import type { KeyPartitioning, KeyQueryMetadata } from './queries/key-query-metadata.ts'
import type { StoreQueryParameters } from './queries/local-stores.ts'
import type { StateQueryRequest, StateQueryResult } from './queries/query-result.ts'
import type { QueryableStoreType } from './queries/queryable-store-types.ts'
import { StateQueries } from './queries/state-queries.ts'
import type { StateQuery } from './queries/state-query.ts'
import type { LagInfo } from './queries/store-lags.ts'
import type { StreamsMetadata } from './queries/streams-metadata.ts'
import { requireCapabilities } from './require-capabilities.ts'
import { allRestoreListeners } from './runtime/all-restore-listeners.ts'
import { ApplicationInstance, endsWithin } from './runtime/application-instance.ts'
import type { StateRestoreListener } from './runtime/changelog-reader.ts'
import { requireApplicationId } from './runtime/partition-plan.ts'
import { persistentEngines } from './runtime/persistent-engine.ts'
import type { StandbyUpdateListener } from './runtime/standby-update-listener.ts'
import { StateDirectory } from './runtime/state-directory.ts'
import type { GroupMembershipOperation } from './runtime/stream-thread.ts'
import type { StateEngineFactory } from './runtime/task-manager.ts'
import type { ThreadMetadata } from './runtime/thread-metadata.ts'
import type { ReadOnlyKeyValueStore } from './state/state-store.ts'
import { effectiveConfigs, parseStreamsConfig, type StreamsConfig, type StreamsProperties } from './streams-config.ts'
import { systemTime, type Time } from './time.ts'
import type { PlannedTopology } from './topology/processor-topology.ts'
import type { UncaughtExceptionHandler } from './uncaught-exception-handler.ts'

/** Ports that a host other than production may replace. */
export interface KafkaStreamsOptions {
  /** Default: the wall clock. */
  readonly time?: Time
  /** Opens the engine of a task's persistent stores. Default: one LevelDB per task under `state.dir`. */
  readonly stateEngine?: StateEngineFactory
  /** Hears each change of state, beside the listener of `setStateListener`. */
  readonly onStateChange?: StateListener
}

/** How an application is closed. @see org.apache.kafka.streams.CloseOptions */
export interface CloseOptions {
  /** How long the call waits, ms. Default: as long as it takes. */
  readonly timeoutMs?: number
  /**
   * Whether the members say goodbye to their group. Those that do not come back find their tasks given to others after
   * `session.timeout.ms`. Default: members with a `group.instance.id` remain, others leave; in Java all remain.
   */
  readonly groupMembershipOperation?: GroupMembershipOperation
}

/**
 * A running application: a topology over the topics of a log.
 *
 * ```ts
 * const streams = new KafkaStreams(topology, { 'application.id': 'delays' }, embeddedClientSupplier(log))
 * await streams.start()
 * // …
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
  readonly #topology: PlannedTopology
  readonly #time: Time
  readonly #stateDirectory: StateDirectory
  readonly #metrics: Metrics
  readonly #state = new ApplicationState()
  readonly #instance: ApplicationInstance
  readonly #edges: EdgeSessions
  readonly #edgesEnded: Promise<void>
  #edgesOpened: Promise<void> | undefined
  #restoreListener: StateRestoreListener = {}
  readonly #restoreObservers = new Set<StateRestoreListener>()
  readonly #queries: StateQueries

  /** @throws StreamsConfigError for a setting that is missing or not allowed, TopologyError */
  constructor(
    topology: PlannedTopology,
    properties: StreamsProperties,
    clients: KafkaClientSupplier,
    options: KafkaStreamsOptions = {},
  ) {
    const config = parseStreamsConfig(properties)
    const applicationId = requireApplicationId(config.applicationId)
    requireCapabilities(config, clients)
    if (options.onStateChange !== undefined) this.#state.observers.add(options.onStateChange)
    const plan = topology.plan(applicationId, properties)
    const time = options.time ?? systemTime
    this.#config = config
    this.#topology = topology
    this.#time = time
    this.#metrics = new Metrics({ recordingLevel: config.metricsRecordingLevel, now: () => time.now() })
    this.#stateDirectory = new StateDirectory(config.stateDir, applicationId)
    this.#edges = new EdgeSessions(topology.edges ?? [], new ClientEdgeHost(config, clients, time))
    this.#edgesEnded = this.#followEdges()
    this.#instance = new ApplicationInstance({
      config,
      plan,
      topologyDescription: () => this.topologyDescription(),
      clients,
      time,
      metrics: this.#metrics,
      stateEngine: options.stateEngine ?? persistentEngines(config.logger),
      stateDirectory: this.#stateDirectory,
      state: this.#state,
    })
    if (config.applicationServer) parseApplicationServer(config.applicationServer)
    const instance = this.#instance
    this.#queries = new StateQueries({
      get applicationServer() {
        return instance.applicationServer
      },
      processId: () => instance.processId,
      announce: (server) => instance.announce(server),
      config,
      plan,
      clients,
      time,
      state: () => this.#state.current,
      tasks: () => this.#instance.threads.tasks(),
      standbyTasks: () => this.#instance.threads.standbyTasks(),
      instances: () => this.#instance.instances,
      globalStores: () => this.#instance.globalTask?.stores ?? new Map(),
      globalEngine: () => this.#instance.globalTask?.engine,
      partitionPlan: () => this.#instance.partitionPlan,
    })
  }

  /** Where the application stands. */
  state(): KafkaStreamsState {
    return this.#state.current
  }

  /** Settles when the application has ended: rejects with the error that ended it, if one did. */
  get stopped(): Promise<void> {
    return this.#state.stopped
  }

  /** Every setting with the value that is in force, by Kafka's names, and what was given beside them. */
  appConfigs(): Readonly<{ [key: string]: unknown }> {
    return effectiveConfigs(this.#config)
  }

  /** Before `start`. */
  setStateListener(listener: StateListener): void {
    this.#state.requireCreated('setStateListener')
    this.#state.listener = listener
  }

  /** Before `start`. Told how stores are restored. */
  setGlobalStateRestoreListener(listener: StateRestoreListener): void {
    this.#state.requireCreated('setGlobalStateRestoreListener')
    this.#restoreListener = listener
  }

  /** Before `start`. Told how standby copies follow their changelogs. */
  setStandbyUpdateListener(listener: StandbyUpdateListener): void {
    this.#state.requireCreated('setStandbyUpdateListener')
    this.#instance.standbyListener = listener
  }

  /** Before `start`. Default: an error ends the instance. */
  setUncaughtExceptionHandler(handler: UncaughtExceptionHandler): void {
    this.#state.requireCreated('setUncaughtExceptionHandler')
    this.#instance.onUncaught = handler
  }

  /**
   * Creates the internal topics, restores the stores and begins to process. Resolves when the state is RUNNING.
   * @throws MissingSourceTopicError, MisconfiguredInternalTopicError, TopologyError, LockError
   */
  async start(): Promise<void> {
    this.#state.requireCreated('start')
    this.#instance.restoreListener = allRestoreListeners(this.#restoreListener, this.#restoreObservers)
    if (this.#edges.any) {
      // Before anything is processed, so that readers miss nothing.
      this.#edgesOpened ??= this.#edges.open()
      await this.#edgesOpened
      this.#state.requireCreated('start')
    }
    await this.#instance.start()
  }

  /**
   * Commits what is done and stops. True when that took at most `timeoutMs` (default: as long as it takes); the rest of
   * the work goes on otherwise.
   */
  async close({ timeoutMs, groupMembershipOperation }: CloseOptions = {}): Promise<boolean> {
    if (this.#state.current === 'CREATED') {
      this.#state.to('PENDING_SHUTDOWN')
      this.#state.to('NOT_RUNNING')
    } else if (this.#state.isRunningOrRebalancing) {
      if (this.#edges.any) await this.#edges.stopFeeding()
      if (this.#state.isRunningOrRebalancing) this.#instance.stop(groupMembershipOperation)
    }
    return endsWithin(this.#time, this.#edgesEnded, timeoutMs)
  }

  /** Tells a listener of each change of state, until what it gives is called. */
  observeState(listener: StateListener): () => void {
    this.#state.observers.add(listener)
    return () => void this.#state.observers.delete(listener)
  }

  /** Tells a listener how stores are restored, until what it gives is called. */
  observeRestore(listener: StateRestoreListener): () => void {
    this.#restoreObservers.add(listener)
    return () => void this.#restoreObservers.delete(listener)
  }

  /** Lets the edges run and end with the application. */
  async #followEdges(): Promise<void> {
    this.#state.running.then(
      () => this.#edges.run(),
      () => {},
    )
    try {
      await this.#state.stopped
    } catch (error) {
      await this.#edges.end(toError(error))
      return
    }
    await this.#edges.end()
  }

  /** Removes the local state of all tasks; it is restored at the next start. @throws IllegalStateError while it runs */
  cleanUp(): void {
    if (this.#state.current !== 'CREATED' && !this.#state.hasEnded) {
      throw new IllegalStateError(`cleanUp() was called in state ${this.#state.current}. Close the application first.`)
    }
    this.#stateDirectory.clean()
  }

  /**
   * Runs one more stream thread, with its share of the record cache, and gives its name; undefined when the application does
   * not run. The tasks are divided anew.
   */
  addStreamThread(): string | undefined {
    return this.#instance.addThread()
  }

  /**
   * Ends one stream thread, which commits and leaves its group, and gives its name; undefined when there is none, or the
   * application does not run. Without `timeoutMs` it waits until the thread has ended.
   * @throws TimeoutError when the thread takes longer than `timeoutMs`; it ends nevertheless
   */
  removeStreamThread(timeoutMs?: number): Promise<string | undefined> {
    return this.#instance.removeThread(timeoutMs)
  }

  /**
   * Stops processing, punctuation and restoring until `resume`. The state does not change, what is done is committed, and the
   * tasks stay here. May be called before `start`.
   */
  pause(): void {
    this.#instance.pause()
  }

  /** Ends a pause. */
  resume(): void {
    this.#instance.resume()
  }

  /** True after `pause` until `resume`. */
  isPaused(): boolean {
    return this.#instance.isPaused
  }

  /** What runs, as `Topology.describe()` prints it. */
  topologyDescription(): string {
    return this.#topology.describe?.().toString() ?? ''
  }

  /** All figures, by Kafka's names; docs/metrics.md lists them. */
  metrics(): readonly Metric[] {
    return this.#metrics.all()
  }

  /**
   * The ids of the clients for telemetry at the brokers; none, as they push no figures. It needs no time, so that Java's time-out is left
   * out.
   * @throws IllegalStateError before `start`, and after the application has ended
   */
  clientInstanceIds(): ClientInstanceIds {
    if (!this.#state.isRunningOrRebalancing) {
      throw new IllegalStateError(
        `clientInstanceIds() was called in state ${this.#state.current}. Call it while the application runs.`,
      )
    }
    return noClientInstanceIds
  }

  /** The stream threads of this instance with their tasks. */
  metadataForLocalThreads(): readonly ThreadMetadata[] {
    return this.#instance.threads.threads.map((thread) => thread.metadata())
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
}
