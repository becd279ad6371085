// ApplicationInstance: everything that runs for one KafkaStreams between its start and its end.
//
// Owns:      the admin client, the state directory's lock, the global thread, the stream threads.
// Does not:  process (StreamThread), say what the states are (ApplicationState), answer queries.
// In:        start, stop, addThread, removeThread, pause, resume.
// Out:       changes of the ApplicationState; the uncaught exception handler's questions.
//
// Invariants
//   A1. No stream thread runs before the internal topics exist and the global stores are filled.
//   A2. Only this file decides what the end of a thread leads to.
//   A3. The application has ended when all threads have, and the lock of the state directory is given back.

import { clientSettings } from '../client-settings.ts'
import type { Admin } from '../clients/admin.ts'
import type { KafkaClientSupplier } from '../clients/client-supplier.ts'
import { ApplicationShutdownError, TimeoutError, toError } from '../errors.ts'
import type { ApplicationState } from '../kafka-streams-state.ts'
import { clientMetrics } from '../metrics/client-metrics.ts'
import type { Metrics } from '../metrics.ts'
import { type HostInfo, parseApplicationServer } from '../queries/host-info.ts'
import type { StreamsConfig } from '../streams-config.ts'
import type { Time, Timer } from '../time.ts'
import type { ProcessorTopology, TopologyPlan } from '../topology/processor-topology.ts'
import type { UncaughtExceptionHandler, UncaughtExceptionResponse } from '../uncaught-exception-handler.ts'
import type { AssignedInstance } from './assignment/streams-protocol.ts'
import type { StateRestoreListener } from './changelog-reader.ts'
import { GlobalState } from './global-state.ts'
import { GlobalStreamThread } from './global-stream-thread.ts'
import { GlobalTask } from './global-task.ts'
import { prepareTopics } from './internal-topic-manager.ts'
import { newStreamThread } from './new-stream-thread.ts'
import type { PartitionPlan } from './partition-plan.ts'
import { prepareSerdes } from './prepare-serdes.ts'
import type { StandbyUpdateListener } from './standby-update-listener.ts'
import type { StateDirectory } from './state-directory.ts'
import { checkStateSchemas } from './state-schemas.ts'
import type { GroupMembershipOperation, StreamThread, StreamThreadState } from './stream-thread.ts'
import { StreamThreads } from './stream-threads.ts'
import type { StateEngineFactory } from './task-manager.ts'
import { topologyRecord, writeTopologyRecord } from './topology-record.ts'

/** An hour: well below the longest time that a timer can be set for. */
const keepAliveMs = 3_600_000

/** What an application is run with. */
export interface ApplicationInstanceOptions {
  readonly config: StreamsConfig
  readonly plan: TopologyPlan
  readonly topologyDescription: () => string
  readonly clients: KafkaClientSupplier
  readonly time: Time
  readonly metrics: Metrics
  readonly stateEngine: StateEngineFactory
  readonly stateDirectory: StateDirectory
  readonly state: ApplicationState
}

export class ApplicationInstance {
  readonly threads: StreamThreads
  readonly #options: ApplicationInstanceOptions
  readonly #state: ApplicationState
  /** To be set before `start`. */
  restoreListener: StateRestoreListener = {}
  /** To be set before `start`. */
  standbyListener: StandbyUpdateListener = {}
  /** To be set before `start`. */
  onUncaught: UncaughtExceptionHandler = () => 'SHUTDOWN_CLIENT'
  #globalThread: GlobalStreamThread | undefined
  #globalTask: GlobalTask | undefined
  #globalRun: Promise<void> | undefined
  #partitionPlan: PartitionPlan | undefined
  #instances: readonly AssignedInstance[] = []
  #announced: HostInfo | undefined
  #processId = ''
  #admin: Admin | undefined
  #beginning: Promise<void> | undefined
  #ending: Promise<void> | undefined
  #keepAlive: Timer | undefined
  #isPaused = false
  #failedThreads = 0
  #shutdownCause: Error | undefined
  /** What the handler has said about errors of threads. */
  readonly #answers = new WeakMap<Error, UncaughtExceptionResponse>()

  constructor(options: ApplicationInstanceOptions) {
    this.#options = options
    this.#state = options.state
    this.threads = new StreamThreads({
      newThread: (threadNumber, cacheBytes) => this.#newThread(threadNumber, cacheBytes),
      cacheBytes: options.config.statestoreCacheMaxBytes,
      onEnded: (thread, error) => this.#onThreadEnded(thread, error),
    })
  }

  /** Names this instance in its group; '' before `start`. */
  get processId(): string {
    return this.#processId
  }

  /** Where this instance answers queries: `application.server`, else what was announced. */
  get applicationServer(): HostInfo | undefined {
    const { applicationServer } = this.#options.config
    return applicationServer ? parseApplicationServer(applicationServer) : this.#announced
  }

  /** Tells the group where this instance answers queries, unless `application.server` says it. */
  announce(server: HostInfo | undefined): void {
    this.#announced = server
    // Whoever joins later hears of it then.
    const hasListeners = server !== undefined && !this.#options.config.applicationServer && this.#instances.length > 1
    if (hasListeners) this.threads.threads[0]?.rejoin()
  }

  /** All instances of the application and their tasks, as of the last assignment; none before the first. */
  get instances(): readonly AssignedInstance[] {
    return this.#instances
  }

  /** How the application is cut into tasks; undefined before `start` has found out. */
  get partitionPlan(): PartitionPlan | undefined {
    return this.#partitionPlan
  }

  get globalTask(): GlobalTask | undefined {
    return this.#globalTask
  }

  get isPaused(): boolean {
    return this.#isPaused
  }

  /** Creates the internal topics, fills the global stores and runs the threads. Resolves when the state is RUNNING. */
  async start(): Promise<void> {
    this.#state.to('REBALANCING')
    this.#stayAlive()
    this.#beginning = this.#begin().catch((error: unknown) => this.#fail(toError(error)))
    await this.#state.running
  }

  /** Ends all threads; the state becomes NOT_RUNNING when they have. */
  stop(operation?: GroupMembershipOperation): void {
    this.#state.to('PENDING_SHUTDOWN')
    this.#ending ??= this.#end(operation)
  }

  /** Runs another thread and gives its name; undefined when the application does not run. */
  addThread(): string | undefined {
    if (this.#state.isRunningOrRebalancing && this.#partitionPlan !== undefined) return this.threads.add().name
    this.#options.config.logger.warn(`No stream thread is added in state ${this.#state.current}.`)
    return undefined
  }

  /** Ends a thread and gives its name. @throws TimeoutError when it takes longer; the thread still ends */
  async removeThread(timeoutMs: number | undefined): Promise<string | undefined> {
    const leaving = this.#state.isRunningOrRebalancing ? this.threads.remove() : undefined
    if (leaving === undefined) {
      this.#options.config.logger.warn(`There is no stream thread to remove in state ${this.#state.current}.`)
      return undefined
    }
    const { name } = leaving.thread
    if (await endsWithin(this.#options.time, leaving.ended, timeoutMs)) return name
    throw new TimeoutError(
      `Thread ${name} did not end within ${timeoutMs} ms; it will end after what it is doing. Allow more time, or make its work shorter.`,
    )
  }

  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    this.#isPaused = false
    for (const thread of this.threads.threads) thread.wakeup()
  }

  async #begin(): Promise<void> {
    const { config, clients, stateDirectory, plan } = this.#options
    this.#processId = stateDirectory.open()
    checkStateSchemas(stateDirectory.path, plan)
    this.#addFigures()
    const clientId = `${config.clientId || config.applicationId}-admin`
    const admin = clients.admin({ clientId, settings: clientSettings(config.properties, 'admin') })
    this.#admin = admin
    const partitionPlan = await prepareTopics(admin, plan, config, this.#options.time)
    writeTopologyRecord(stateDirectory.path, topologyRecord(plan))
    await prepareSerdes(plan, config, this.#options.time, () => this.#state.isRunningOrRebalancing)
    if (plan.global !== undefined) await this.#startGlobalThread(plan.global, admin)
    this.#partitionPlan = partitionPlan
    if (!this.#state.isRunningOrRebalancing) return
    if (this.#globalThread !== undefined) this.#runGlobalThread(this.#globalThread)
    if (partitionPlan.tasks.length === 0) this.#state.to('RUNNING')
    else for (let count = 0; count < config.numStreamThreads; count += 1) this.threads.add()
  }

  #addFigures(): void {
    const { config, metrics } = this.#options
    clientMetrics(metrics, {
      clientId: config.clientId || config.applicationId,
      applicationId: config.applicationId,
      processId: this.#processId,
      state: () => this.#state.current,
      topologyDescription: this.#options.topologyDescription,
      aliveStreamThreads: () => this.threads.threads.length,
      failedStreamThreads: () => this.#failedThreads,
    })
  }

  async #startGlobalThread(topology: ProcessorTopology, admin: Admin): Promise<void> {
    const { config, time, metrics, clients, stateDirectory, stateEngine: openEngine } = this.#options
    const state = await GlobalState.open({
      topology,
      config,
      admin,
      time,
      stateDirectory,
      openEngine,
      processId: this.#processId,
    })
    const task = new GlobalTask({
      topology,
      config,
      engine: state.engine,
      stateDir: stateDirectory.globalDirectory,
      time,
      metrics,
      threadId: `${config.applicationId}-GlobalStreamThread`,
    })
    const consumer = clients.restoreConsumer({
      clientId: `${config.applicationId}-global-consumer`,
      isolation: config.processingGuarantee === 'exactly_once_v2' ? 'read_committed' : 'read_uncommitted',
      settings: clientSettings(config.properties, 'global.consumer'),
    })
    this.#globalTask = task
    this.#globalThread = new GlobalStreamThread({ task, state, consumer, admin, config, time })
    await this.#globalThread.start()
  }

  #runGlobalThread(thread: GlobalStreamThread): void {
    this.#globalRun = thread.run().catch((error: unknown) => {
      const cause = toError(error)
      this.#options.config.logger.error('The global thread ended with an error.', cause)
      if (this.#state.isRunningOrRebalancing && this.#ask(cause) === 'SHUTDOWN_APPLICATION') this.#endAll(cause)
      else this.#fail(cause)
    })
  }

  #newThread(threadNumber: number, cacheBytes: number): StreamThread {
    return newStreamThread({
      ...this.#options,
      admin: this.#admin!,
      plan: this.#partitionPlan!,
      processId: this.#processId,
      threadNumber,
      cacheBytes,
      openEngine: this.#options.stateEngine,
      globalStores: this.#globalTask?.stores ?? new Map(),
      restoreListener: this.restoreListener,
      standbyListener: this.standbyListener,
      applicationServer: () => this.applicationServer,
      onInstances: (instances) => {
        this.#instances = instances
      },
      isPaused: () => this.#isPaused,
      onStateChange: (state) => this.#onThreadState(state),
      onError: (error) => this.#onThreadError(error),
      onShutdownRequested: () => this.#fail(this.#shutdownCause ?? new ApplicationShutdownError()),
    })
  }

  #onThreadState(state: StreamThreadState): void {
    if (state === 'running') this.#maybeRunning()
    const isRebalancing = state === 'partitionsAssigned' || state === 'partitionsRevoked'
    if (isRebalancing && this.#state.current === 'RUNNING') this.#state.to('REBALANCING')
  }

  #maybeRunning(): void {
    const hasThreads = this.threads.threads.length > 0
    if (this.#state.current === 'REBALANCING' && hasThreads && this.threads.areRunning) this.#state.to('RUNNING')
  }

  /** The handler is asked while the thread is in its group still, so that it can tell the others. */
  #onThreadError(error: Error): boolean {
    if (!this.#state.isRunningOrRebalancing) return false
    const answer = this.#ask(error)
    this.#answers.set(error, answer)
    if (answer === 'SHUTDOWN_APPLICATION') this.#shutdownCause = error
    return answer === 'SHUTDOWN_APPLICATION'
  }

  #onThreadEnded(thread: StreamThread, error: Error | undefined): void {
    if (error === undefined) {
      this.#maybeRunning()
      return
    }
    this.#failedThreads += 1
    this.#options.config.logger.error(`Thread ${thread.name} ended with an error.`, error)
    if (!this.#state.isRunningOrRebalancing) {
      this.#state.fail(error)
      return
    }
    if ((this.#answers.get(error) ?? this.#ask(error)) !== 'REPLACE_THREAD') {
      this.#fail(error)
      return
    }
    this.#state.to('REBALANCING')
    this.threads.add()
  }

  /** What the handler says; a handler that throws ends the instance. */
  #ask(error: Error): UncaughtExceptionResponse {
    try {
      return this.onUncaught(error)
    } catch (thrown) {
      this.#options.config.logger.error('The uncaught exception handler threw; this instance ends.', thrown)
      return 'SHUTDOWN_CLIENT'
    }
  }

  /** Tells all instances through the group, by the stream threads. */
  #endAll(error: Error): void {
    this.#shutdownCause = error
    const told = this.threads.threads.map((thread) => thread.requestShutdown())
    if (told.includes(true)) return
    this.#options.config.logger.error('The other instances cannot be told to end; only this one does.')
    this.#fail(error)
  }

  #fail(error: Error): void {
    this.#state.fail(error)
    this.#ending ??= this.#end(undefined)
  }

  async #end(operation: GroupMembershipOperation | undefined): Promise<void> {
    const stopAll = (): void => {
      this.threads.stop(operation)
      this.#globalThread?.stop()
    }
    stopAll()
    await this.#beginning
    stopAll()
    await this.threads.ended()
    await this.#globalRun
    if (this.#globalRun === undefined) await this.#globalThread?.close()
    try {
      await this.#admin?.close()
    } catch (error) {
      this.#options.config.logger.warn('Closing the admin client failed.', error)
    }
    this.#options.stateDirectory.close()
    this.#keepAlive?.cancel()
    this.#state.end()
  }

  /** Keeps the process from ending while the application has nothing to do. */
  #stayAlive(): void {
    this.#keepAlive = this.#options.time.setTimer(keepAliveMs, () => this.#stayAlive())
  }
}

/** Whether the promise settles within a time; undefined: however long it takes. */
export async function endsWithin(time: Time, work: Promise<unknown>, timeoutMs: number | undefined): Promise<boolean> {
  const ended = work.then(
    () => true,
    () => true,
  )
  if (timeoutMs === undefined) return ended
  let timer: Timer | undefined
  const late = new Promise<boolean>((resolve) => {
    timer = time.setTimer(timeoutMs, () => resolve(false))
  })
  const isInTime = await Promise.race([ended, late])
  timer?.cancel()
  return isInTime
}
