import { clientSettings } from '../client-settings.ts'
import type { Admin } from '../clients/admin.ts'
import type { ClientSettings, KafkaClientSupplier } from '../clients/client-supplier.ts'
import type { Producer } from '../clients/producer.ts'
import { ThreadMetrics } from '../metrics/thread-metrics.ts'
import type { Metrics } from '../metrics.ts'
import { longestAsyncCallMs } from '../processors/async-processor.ts'
import type { HostInfo } from '../queries/host-info.ts'
import type { StateStore } from '../state/state-store.ts'
import type { StreamsConfig } from '../streams-config.ts'
import type { Time } from '../time.ts'
import { AssignedWork } from './assignment/assigned-work.ts'
import type { AssignedInstance } from './assignment/streams-protocol.ts'
import { threadAssignor } from './assignment/thread-assignor.ts'
import { ChangelogReader, type StateRestoreListener } from './changelog-reader.ts'
import type { PartitionPlan } from './partition-plan.ts'
import { RestoreFigures } from './restore-figures.ts'
import { judgeSendFailure } from './send-failure.ts'
import type { ShutdownSignal } from './shutdown-signal.ts'
import type { StandbyUpdateListener } from './standby-update-listener.ts'
import type { StateDirectory } from './state-directory.ts'
import { StreamThread, type StreamThreadState } from './stream-thread.ts'
import { StreamsProducer } from './streams-producer.ts'
import { newTaskCache } from './task-context.ts'
import { TaskExecutor } from './task-executor.ts'
import { type StateEngineFactory, TaskManager } from './task-manager.ts'
import { TaskProducers } from './task-producers.ts'
import { taskSnapshots } from './task-snapshots.ts'
import { threadStateName } from './thread-metadata.ts'

/** What a stream thread is made of. */
export interface NewStreamThreadOptions {
  readonly config: StreamsConfig
  readonly time: Time
  readonly metrics: Metrics
  readonly clients: KafkaClientSupplier
  readonly admin: Admin
  readonly plan: PartitionPlan
  /** Names the instance over restarts, and with it the transactional id. */
  readonly processId: string
  readonly threadNumber: number
  readonly stateDirectory: StateDirectory
  readonly openEngine: StateEngineFactory
  readonly globalStores: ReadonlyMap<string, StateStore>
  readonly restoreListener: StateRestoreListener
  readonly standbyListener: StandbyUpdateListener
  /** Where the instance answers queries now. */
  readonly applicationServer: () => HostInfo | undefined
  /** Hears of all instances of the application and their tasks, with each assignment. */
  readonly onInstances: (instances: readonly AssignedInstance[]) => void
  /** The thread's share of the record cache. */
  readonly cacheBytes: number
  readonly isPaused: () => boolean
  readonly onStateChange: (state: StreamThreadState) => void
  readonly onError: (error: Error) => boolean
  readonly onShutdownRequested: () => void
}

/**
 * A stream thread with its own consumer, producer, restore consumer and cache. Its transactional id is
 * `<application id>-<process id>-<thread number>`: the same after a restart, so that what a killed process left open is
 * ended at once.
 */
export function newStreamThread(options: NewStreamThreadOptions): StreamThread {
  const { config, time, metrics, clients, admin, plan, processId, threadNumber } = options
  const exactlyOnce = config.processingGuarantee === 'exactly_once_v2'
  const isolation = exactlyOnce ? 'read_committed' : 'read_uncommitted'
  const name = `${config.clientId || config.applicationId}-StreamThread-${threadNumber}`
  const droppedRecords = metrics.counter('dropped-records', 'stream-thread-metrics', { 'thread-id': name })
  const clientIds = {
    consumer: `${name}-consumer`,
    restoreConsumer: `${name}-restore-consumer`,
    producer: `${name}-producer`,
    admin: `${config.clientId || config.applicationId}-admin`,
  }
  const { properties } = config
  const shutdown: ShutdownSignal = { isRequested: false, onRequested: options.onShutdownRequested }
  const work = new AssignedWork(time, options.onInstances)
  const consumer = clients.consumer({
    groupId: config.applicationId,
    clientId: clientIds.consumer,
    isolation,
    assignor: threadAssignor({ ...options, shutdown, work, heldTasks: () => taskManager.heldTasks() }),
    settings: memberSettings(clientSettings(properties, 'main.consumer'), threadNumber),
  })
  const newProducer = (clientId: string, transactionalId: string | undefined): Producer =>
    clients.producer({
      clientId,
      transactionalId,
      transactionTimeoutMs: transactionTimeoutMs(config, plan),
      settings: clientSettings(properties, 'producer'),
    })
  const fencesByTask = exactlyOnce && clients.supports.fencing === 'transactionalId'
  const producer = new StreamsProducer(
    fencesByTask
      ? new TaskProducers((task) => newProducer(`${clientIds.producer}-${task}`, `${config.applicationId}-${task}`))
      : newProducer(
          clientIds.producer,
          exactlyOnce ? `${config.applicationId}-${processId}-${threadNumber}` : undefined,
        ),
    judgeSendFailure(config, () => droppedRecords.record()),
  )
  const restoring = new RestoreFigures(options.restoreListener, () => taskManager.tasks.values())
  const changelogReader = new ChangelogReader({
    consumer: clients.restoreConsumer({
      clientId: clientIds.restoreConsumer,
      isolation,
      settings: clientSettings(properties, 'restore.consumer'),
    }),
    admin,
    listener: restoring,
    standbyListener: options.standbyListener,
    logger: config.logger,
    time,
  })
  const snapshots = taskSnapshots(config, time)
  const cache = newTaskCache(options.cacheBytes)
  const figures = new ThreadMetrics(metrics, name, time)
  const taskManager: TaskManager = new TaskManager({
    ...options,
    snapshots,
    threadId: name,
    taskPlans: plan.tasks,
    consumer,
    producer,
    changelogReader,
    cache,
    standbyTasks: () => work.standbyTasks,
    expectedTasks: () => work.activeTasks,
    onAsyncProgress: () => consumer.wakeup(),
  })
  const thread = new StreamThread({
    name,
    config,
    time,
    consumer,
    producer,
    taskManager,
    taskExecutor: new TaskExecutor({ consumer, admin, producer, config, time, snapshots }),
    topics: plan.sourceTopics,
    clientIds,
    cache,
    figures,
    takeRestored: () => restoring.takeRestored(),
    isPaused: options.isPaused,
    onStateChange: options.onStateChange,
    onError: options.onError,
    shutdown,
    work,
  })
  figures.gauges({
    processId,
    state: () => threadStateName(thread.state),
    startedMs: time.now(),
    restoringTasks: () => [...thread.tasks.values()].filter(({ task }) => task.state === 'restoring').length,
    standbyTasks: () => thread.metadata().standbyTasks.length,
    isPaused: options.isPaused,
  })
  return thread
}

/** A static member is a thread: each has its own number at the end of `group.instance.id`. */
function memberSettings(settings: ClientSettings, threadNumber: number): ClientSettings {
  const id = settings['group.instance.id']
  return id === undefined ? settings : { ...settings, 'group.instance.id': `${String(id)}-${threadNumber}` }
}

/** The longest that the cluster accepts by default (`transaction.max.timeout.ms`). */
const longestTransactionMs = 900_000

/** A commit waits for asynchronous calls, so a transaction may last as long as they may. */
function transactionTimeoutMs(config: StreamsConfig, plan: PartitionPlan): number {
  let longest = 0
  for (const { subtopology } of plan.tasks) {
    const calls = subtopology.topology.nodes.map((node) =>
      node.kind === 'processor' ? longestAsyncCallMs(node.supplier) : 0,
    )
    longest = Math.max(
      longest,
      calls.reduce((sum, call) => sum + call, 0),
    )
  }
  return Math.max(config.transactionTimeoutMs, Math.min(longestTransactionMs, config.transactionTimeoutMs + longest))
}
