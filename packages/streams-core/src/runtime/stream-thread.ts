// StreamThread: one cooperative loop over the tasks assigned to one consumer. Not an OS thread.
//
// Owns:      the consumer, the producer, the thread state, the order poll → restore → process → punctuate → commit.
// Does not:  know processors or stores (StreamTask), decide assignment (the consumer's group).
// In:        records from Consumer.poll; onAssigned / onRevoked (awaited); close().
// Out:       TaskManager.handle… / restore / recover; TaskExecutor.commitTasks.
//
// Invariants
//   T1. A task's chain runs to its end for one record before the next; nothing is awaited inside it.
//   T2. No task is processed between onRevoked for its partitions and the end of its commit.
//   T3. Only this file decides what a TaskMigratedError, TaskCorruptedError, ClientError or (out of processing)
//       SerdeNotReadyError leads to (reasonToRecover).
//   T4. Under exactly-once all tasks of the thread share one transaction per commit interval: an abort puts all of them
//       back to what is committed.
//
//   created ─► starting ─► partitionsAssigned ⇄ running ⇄ partitionsRevoked ;  any ─► pendingShutdown ─► dead

import { SerdeNotReadyError } from '@millrace/serdes'
import { StoreCorruptError } from '@millrace/state-stores'
import { ClientError } from '../clients/client-error.ts'
import type { Consumer, PartitionRecords, TopicPartition } from '../clients/consumer.ts'
import { OffsetOutOfRangeError } from '../clients/offset-out-of-range-error.ts'
import { assert, TaskCorruptedError, TaskMigratedError, TimeoutError, toError } from '../errors.ts'
import type { Logger } from '../logger.ts'
import { shareProcessing } from '../metrics/task-metrics.ts'
import type { ThreadMetrics } from '../metrics/thread-metrics.ts'
import type { StreamsConfig } from '../streams-config.ts'
import { delay, nanoseconds, type Time } from '../time.ts'
import type { ActiveTask } from './active-task.ts'
import type { AssignedWork } from './assignment/assigned-work.ts'
import type { ShutdownSignal } from './shutdown-signal.ts'
import type { StreamsProducer } from './streams-producer.ts'
import type { TaskCache } from './task-context.ts'
import type { TaskExecutor } from './task-executor.ts'
import type { TaskManager } from './task-manager.ts'
import { retryUntilTaskTimeout } from './task-timeout.ts'
import {
  type TaskMetadata,
  type ThreadClientIds,
  type ThreadMetadata,
  taskMetadata,
  threadStateName,
} from './thread-metadata.ts'

/** Whether a consumer that is closed says goodbye to its group. @see org.apache.kafka.streams.CloseOptions */
export type GroupMembershipOperation = 'LEAVE_GROUP' | 'REMAIN_IN_GROUP'

export type StreamThreadState =
  | 'created'
  | 'starting'
  | 'partitionsAssigned'
  | 'running'
  | 'partitionsRevoked'
  | 'pendingShutdown'
  | 'dead'

const VALID_TRANSITIONS: { readonly [From in StreamThreadState]: readonly StreamThreadState[] } = {
  created: ['starting', 'pendingShutdown'],
  starting: ['partitionsAssigned', 'partitionsRevoked', 'pendingShutdown'],
  partitionsAssigned: ['running', 'partitionsAssigned', 'partitionsRevoked', 'pendingShutdown'],
  running: ['partitionsAssigned', 'partitionsRevoked', 'pendingShutdown'],
  partitionsRevoked: ['partitionsAssigned', 'partitionsRevoked', 'pendingShutdown'],
  pendingShutdown: ['dead'],
  dead: [],
}

/** Records of one task in a row, before the next task has its turn. */
const recordsPerTurn = 100
/** ms of processing after which the loop polls again and lets the event loop do its other work. */
const processSliceMs = 20
/** ms for which a failed thread tries to tell the other instances to end. */
const tellAllMs = 60_000
/** ms before tasks are recovered from a fault that may pass. */
const retryBackoffMs = 100
/** ms after which a record whose serde was not ready is tried again, unless that is ready before. */
const serdeRetryMs = 1000
/** ms to wait for changelog records when there is nothing else to do. */
const restorePollMs = 20

/** Bytes that the producer may hold before the tasks wait for it (Kafka's `buffer.memory`). */
const maxBufferedBytes = 33_554_432

/** A copy reads no inputs. */
const noOffsets = { committed: () => undefined, end: () => undefined }

export interface StreamThreadOptions {
  readonly name: string
  readonly config: StreamsConfig
  readonly time: Time
  readonly consumer: Consumer
  readonly producer: StreamsProducer
  readonly taskManager: TaskManager
  readonly taskExecutor: TaskExecutor
  readonly topics: readonly string[]
  readonly clientIds: ThreadClientIds
  readonly cache: TaskCache
  readonly figures: ThreadMetrics
  /** Records restored since it was asked last. */
  readonly takeRestored: () => number
  /** While true, nothing is processed, punctuated or restored; the thread stays in its group. */
  readonly isPaused: () => boolean
  readonly onStateChange: (state: StreamThreadState) => void
  /** Asked about what ends the thread, before it leaves its group: true when all instances are to end. */
  readonly onError: (error: Error) => boolean
  readonly shutdown: ShutdownSignal
  readonly work: AssignedWork
}

/** @see org.apache.kafka.streams.processor.internals.StreamThread */
export class StreamThread {
  readonly name: string
  readonly #config: StreamsConfig
  readonly #time: Time
  readonly #consumer: Consumer
  readonly #producer: StreamsProducer
  readonly #taskManager: TaskManager
  readonly #taskExecutor: TaskExecutor
  readonly #topics: readonly string[]
  readonly #clientIds: ThreadClientIds
  readonly #cache: TaskCache
  readonly #figures: ThreadMetrics
  readonly #takeRestored: () => number
  readonly #isPaused: () => boolean
  readonly #onStateChange: (state: StreamThreadState) => void
  readonly #onError: (error: Error) => boolean
  readonly #shutdown: ShutdownSignal
  readonly #work: AssignedWork
  /** By task id: since when a task has had nothing that it may process, Unix ms. */
  readonly #idleSinceMs = new Map<string, number>()
  readonly #logger: Logger
  readonly #exactlyOnce: boolean
  #state: StreamThreadState = 'created'
  #lastCommitMs = 0
  #didWork = false
  /** Records processed in the round. */
  #processed = 0
  /** When the recoveries began that no commit has ended yet, Unix ms. */
  #failingSinceMs: number | undefined
  #stopRequested = false
  /** True once the thread only carries the request that all instances end. */
  #isMessenger = false
  #membershipOperation: GroupMembershipOperation | undefined
  #newCacheBytes: number | undefined

  constructor(options: StreamThreadOptions) {
    this.name = options.name
    this.#config = options.config
    this.#time = options.time
    this.#consumer = options.consumer
    this.#producer = options.producer
    this.#taskManager = options.taskManager
    this.#taskExecutor = options.taskExecutor
    this.#topics = options.topics
    this.#clientIds = options.clientIds
    this.#cache = options.cache
    this.#figures = options.figures
    this.#takeRestored = options.takeRestored
    this.#isPaused = options.isPaused
    this.#onStateChange = options.onStateChange
    this.#onError = options.onError
    this.#shutdown = options.shutdown
    this.#work = options.work
    this.#logger = options.config.logger
    this.#exactlyOnce = options.config.processingGuarantee === 'exactly_once_v2'
  }

  get state(): StreamThreadState {
    return this.#state
  }

  /** True when the thread was told to end. */
  get isStopping(): boolean {
    return this.#stopRequested
  }

  /** The tasks of the thread, by id. */
  get tasks(): ReadonlyMap<string, ActiveTask> {
    return this.#taskManager.tasks
  }

  /** The tasks of which the thread keeps copies, by id. */
  get standbyTasks(): ReadonlyMap<string, ActiveTask> {
    return this.#taskManager.standbyTasks
  }

  /** What the thread does at the moment. */
  metadata(): ThreadMetadata {
    return {
      threadName: this.name,
      threadState: threadStateName(this.#state),
      activeTasks: [...this.tasks.values()].map((active) => this.#taskMetadata(active)),
      standbyTasks: [...this.standbyTasks.values()].map((standby) => taskMetadata(standby, noOffsets, undefined)),
      consumerClientId: this.#clientIds.consumer,
      restoreConsumerClientId: this.#clientIds.restoreConsumer,
      producerClientIds: [this.#clientIds.producer],
      adminClientId: this.#clientIds.admin,
    }
  }

  #taskMetadata(active: ActiveTask): TaskMetadata {
    const offsets = {
      committed: (topic: string, partition: number) => this.#taskExecutor.committedOffset(topic, partition),
      end: (input: TopicPartition) => this.#consumer.endOffset(input),
    }
    return taskMetadata(active, offsets, this.#idleSinceMs.get(active.plan.id))
  }

  /**
   * Runs until `stop` is called; then commits what is done and closes the tasks. Rejects with what it could not handle,
   * after closing the tasks without a commit.
   */
  async run(): Promise<void> {
    try {
      this.#transition('starting')
      if (this.#exactlyOnce) await this.#beginTransactions()
      this.#lastCommitMs = this.#time.now()
      this.#consumer.subscribe(this.#topics, {
        onAssigned: (partitions) => this.#onAssigned(partitions),
        onRevoked: (partitions) => this.#onRevoked(partitions),
        onLost: (partitions) => this.#onLost(partitions),
      })
      let isClean = true
      while (!this.#stopRequested && isClean) isClean = await this.#runOnceOrRecover()
      this.#transition('pendingShutdown')
      if (isClean) await this.#commitAndShutdown()
      else await this.#shutdownDirty()
    } catch (error) {
      if (this.#state !== 'pendingShutdown') this.#transition('pendingShutdown')
      const failure = toError(error)
      if (this.#onError(failure)) await this.#tellAll()
      await this.#shutdownDirty()
      throw failure
    } finally {
      this.#transition('dead')
      this.#figures.close()
    }
  }

  /**
   * Stays in the group, without tasks, until it has heard its own request that all instances end: before that nobody is given what
   * made this thread fail.
   */
  async #tellAll(): Promise<void> {
    const deadline = this.#time.now() + tellAllMs
    try {
      await this.#taskManager.close()
      this.#isMessenger = true
      if (!this.requestShutdown()) return
      while (!this.#stopRequested && this.#time.now() < deadline) await this.#consumer.poll(this.#config.pollMs)
    } catch (error) {
      this.#logger.warn(`Thread ${this.name}: the other instances could not be told to end.`, error)
    }
  }

  /** Asks the loop to end after what it is doing. Default of `operation`: static members stay in the group, others leave. */
  stop(operation?: GroupMembershipOperation): void {
    this.#stopRequested = true
    this.#membershipOperation ??= operation
    this.#taskExecutor.limitDrain(this.#config.asyncDrainTimeoutMs)
    this.#consumer.wakeup()
  }

  /** Ends a wait for records. */
  wakeup(): void {
    this.#consumer.wakeup()
  }

  /** The thread's share of the record cache from its next round on, in bytes. */
  resizeCache(bytes: number): void {
    this.#newCacheBytes = bytes
  }

  /** Asks the group for another assignment, where the clients can. */
  rejoin(): void {
    this.#consumer.enforceRebalance?.()
  }

  /** Asks all instances of the application to end, through the group; false when the clients cannot. */
  requestShutdown(): boolean {
    if (this.#consumer.enforceRebalance === undefined) return false
    this.#shutdown.isRequested = true
    this.#consumer.enforceRebalance()
    this.#consumer.wakeup()
    return true
  }

  /**
   * Runs one round; if it fails, recovers, and again if that fails, as long as the errors allow it. False: it failed while
   * the thread was told to stop, so there is nothing to commit.
   */
  async #runOnceOrRecover(): Promise<boolean> {
    let step = () => this.runOnce()
    for (;;) {
      try {
        await step()
        return true
      } catch (error) {
        await this.#prepareToRecover(error)
        if (this.#stopRequested) return false
        step = () => this.#recover()
      }
    }
  }

  /** One round: poll, restore, process, punctuate, commit. */
  async runOnce(): Promise<void> {
    const timeoutMs = this.#pollTimeoutMs()
    this.#didWork = false
    const figures = this.#figures
    figures.beginRound()
    figures.polled(this.#addRecords(await this.#poll(timeoutMs)))
    this.#maybeResizeCache()
    const isPaused = this.#isPaused()
    if (this.#taskManager.isRestoring && !isPaused) {
      await this.#taskManager.restore(this.#didWork ? 0 : restorePollMs)
      figures.restored(this.#takeRestored())
    }
    if (!isPaused) await this.#taskManager.updateStandbys()
    figures.standbysUpdated()
    if (this.#work.mustProbe()) this.#consumer.enforceRebalance?.()
    if (this.#work.mustAsk(this.tasks)) this.#consumer.heartbeatNow?.()
    if (this.#state === 'partitionsAssigned' && !this.#taskManager.isRestoring) this.#transition('running')
    const { producer } = this.#producer
    if (producer.bufferedBytes() > (producer.bufferMemoryBytes ?? maxBufferedBytes)) await producer.flush()
    this.#processed = 0
    const hasMore = !isPaused && this.#process()
    figures.processed(this.#processed)
    shareProcessing(this.tasks.values())
    let punctuated = 0
    for (const { task } of isPaused ? [] : this.#running()) {
      if (task.maybePunctuateWallClock()) punctuated += 1
      while (task.drainAsync()) this.#didWork = true
    }
    if (punctuated > 0) this.#didWork = true
    figures.punctuated(punctuated)
    const mustCommit = this.#mustCommit()
    if (mustCommit) await this.#commit()
    figures.committed(mustCommit)
    await this.#taskExecutor.refreshIdleStores(this.#running())
    if (hasMore || this.#didWork || timeoutMs === 0) await this.#time.nextTurn()
  }

  async #poll(timeoutMs: number): Promise<readonly PartitionRecords[]> {
    try {
      return await this.#consumer.poll(timeoutMs)
    } catch (error) {
      if (!(error instanceof OffsetOutOfRangeError)) throw error
      await this.#taskManager.resetPositions(error.partitions)
      return []
    }
  }

  #maybeResizeCache(): void {
    if (this.#newCacheBytes === undefined) return
    if (this.#newCacheBytes !== this.#cache.maxBytes) this.#cache.resize(this.#newCacheBytes)
    this.#newCacheBytes = undefined
  }

  /** How many came. */
  #addRecords(polled: readonly PartitionRecords[]): number {
    let count = 0
    for (const records of polled) {
      const active = this.#taskManager.taskOf(records.topic, records.partition)
      assert(active !== undefined, `Polled records of ${records.topic}-${records.partition}, which no task reads.`)
      const queue = active.task.addRecords(records)
      this.#didWork = true
      count += records.records.length
      if (queue.size > this.#config.bufferedRecordsPerPartition && !queue.isPaused) {
        queue.isPaused = true
        this.#consumer.pause([queue])
      }
    }
    return count
  }

  /** Processes records of all tasks in turn, for one slice of time at most. True when there is more to do at once. */
  #process(): boolean {
    const tasks = this.#running()
    for (const { task } of tasks) task.updateLags((input) => this.#lagOf(input))
    const sliceEnd = this.#time.now() + processSliceMs
    let progress = true
    while (progress && !this.#mustCommit()) {
      progress = false
      const now = this.#time.now()
      if (now >= sliceEnd) return true
      for (const { task } of tasks) {
        let count = 0
        const beganNs = nanoseconds(this.#time)
        while (count < recordsPerTurn && task.process(now)) {
          task.maybePunctuateStreamTime()
          count += 1
          if (task.commitRequested) break
        }
        if (count > 0) progress = true
        this.#processed += count
        task.figures.processNs += nanoseconds(this.#time) - beganNs
        this.#noteIdling(task.id, count > 0, now)
      }
      if (progress) this.#didWork = true
      this.#resumeDrained(tasks)
    }
    return progress
  }

  #noteIdling(taskId: string, hasProcessed: boolean, nowMs: number): void {
    if (hasProcessed) this.#idleSinceMs.delete(taskId)
    else if (!this.#idleSinceMs.has(taskId)) this.#idleSinceMs.set(taskId, nowMs)
  }

  #resumeDrained(tasks: readonly ActiveTask[]): void {
    for (const { task } of tasks) {
      for (const queue of task.queues) {
        if (!queue.isPaused || queue.size > this.#config.bufferedRecordsPerPartition) continue
        queue.isPaused = false
        this.#consumer.resume([queue])
      }
    }
  }

  /** Records in the partition beyond what was polled; undefined while the end is not known (KIP-695). */
  #lagOf(input: TopicPartition): number | undefined {
    const end = this.#consumer.endOffset(input)
    return end === undefined ? undefined : Math.max(0, end - this.#consumer.position(input))
  }

  #pollTimeoutMs(): number {
    if (this.#stopRequested) return 0
    const now = this.#time.now()
    const isPaused = this.#isPaused()
    let timeoutMs = this.#taskManager.isRestoring && !isPaused ? 0 : this.#config.pollMs
    for (const { task } of this.#running()) {
      if (task.commitNeeded) timeoutMs = Math.min(timeoutMs, this.#lastCommitMs + this.#config.commitIntervalMs - now)
      if (isPaused) continue
      if (task.hasAsyncResults || task.isProcessable(now)) return 0
      const due = Math.min(task.nextWallClockPunctuation() ?? Infinity, task.nextIdleDeadline() ?? Infinity)
      timeoutMs = Math.min(timeoutMs, due - now)
    }
    return Math.max(0, timeoutMs)
  }

  #mustCommit(): boolean {
    if (this.#consumer.isBetweenGenerations?.()) return false
    const now = this.#time.now()
    const isDue = now - this.#lastCommitMs >= this.#config.commitIntervalMs
    const bound = this.#config.statestoreUncommittedMaxBytes
    let uncommitted = 0
    for (const { task, engine } of this.#taskManager.tasks.values()) {
      if (task.commitNeeded && (isDue || task.commitRequested)) return true
      uncommitted += bound < 0 ? 0 : engine.uncommittedBytes()
    }
    if (isDue) this.#lastCommitMs = now
    return bound >= 0 && uncommitted > bound
  }

  /** Intervals go from beginning to beginning; after a slow commit half of one is left for work. */
  async #commit(): Promise<void> {
    const beganMs = this.#time.now()
    await this.#taskExecutor.commitTasks(this.#running())
    this.#lastCommitMs = Math.max(beganMs, this.#time.now() - this.#config.commitIntervalMs / 2)
    this.#failingSinceMs = undefined
  }

  /** The tasks that may process: those whose state is complete. */
  #running(): readonly ActiveTask[] {
    return [...this.#taskManager.tasks.values()].filter(({ task }) => task.state === 'running')
  }

  async #onAssigned(partitions: readonly TopicPartition[]): Promise<void> {
    if (this.#isMessenger) return
    this.#transition('partitionsAssigned')
    const before = this.tasks.size
    await this.#taskManager.handleAssignment(partitions)
    this.#figures.created.record(this.tasks.size - before)
  }

  async #onRevoked(partitions: readonly TopicPartition[]): Promise<void> {
    if (this.#isMessenger) return
    this.#transition('partitionsRevoked')
    try {
      await this.#taskExecutor.commitTasks(this.#running(), this.#config.asyncDrainTimeoutMs)
    } finally {
      await this.#closeTasks(partitions)
    }
  }

  async #onLost(partitions: readonly TopicPartition[]): Promise<void> {
    if (this.#isMessenger) return
    this.#transition('partitionsRevoked')
    await this.#closeTasks(partitions)
    // What the tasks have written since the last commit is processed again, here or elsewhere.
    this.#producer.clearSendError()
    if (this.#exactlyOnce) await this.#beginTransactions()
  }

  async #closeTasks(partitions: readonly TopicPartition[]): Promise<void> {
    const before = [...this.tasks.values()]
    await this.#taskManager.handleRevocation(partitions)
    for (const { plan, task } of before) if (!this.tasks.has(plan.id)) task.figures.close()
  }

  /** Throws the error on unless a recovery may help; waits a little when the cluster needs time. */
  async #prepareToRecover(error: unknown): Promise<void> {
    const reason = reasonToRecover(error)
    if (reason === undefined) throw error
    if (error instanceof StoreCorruptError) this.#taskManager.markCorrupt(error.directory)
    this.#logger.warn(`Thread ${this.name}: ${reason}; all tasks go back to what is committed.`, error)
    const now = this.#time.now()
    this.#failingSinceMs ??= now
    if (now - this.#failingSinceMs > this.#config.taskTimeoutMs) {
      throw new TimeoutError(
        `Thread ${this.name} has failed for task.timeout.ms (${this.#config.taskTimeoutMs} ms): ${toError(error).message}`,
        { cause: error },
      )
    }
    if (error instanceof ClientError && error.retriable) await delay(this.#time, retryBackoffMs)
    if (error instanceof SerdeNotReadyError) await Promise.race([error.ready, delay(this.#time, serdeRetryMs)])
  }

  /** All tasks back to what is committed, with a new producer epoch. */
  async #recover(): Promise<void> {
    this.#producer.clearSendError()
    if (this.#exactlyOnce) await this.#beginTransactions()
    await this.#taskManager.recover()
    this.#lastCommitMs = this.#time.now()
    if (this.#state === 'running') this.#transition('partitionsAssigned')
  }

  /** Ends what a former producer of the same id has left open, and begins. */
  async #beginTransactions(): Promise<void> {
    const { producer } = this.#producer
    await retryUntilTaskTimeout(
      this.#config,
      this.#time,
      `Thread ${this.name}: transactions cannot begin`,
      async () => {
        await producer.initTransactions()
        producer.beginTransaction()
      },
    )
  }

  /** What asynchronous calls do not give in time is given up, and processed again after the next start. */
  async #commitAndShutdown(): Promise<void> {
    try {
      for (let left = 200; left > 0 && this.#consumer.isBetweenGenerations?.(); left -= 1) await delay(this.#time, 20)
      await this.#taskExecutor.commitTasks(this.#running(), this.#config.asyncDrainTimeoutMs)
    } catch (error) {
      if (reasonToRecover(error) === undefined) throw error
      this.#logger.warn(`Thread ${this.name}: closed without a last commit.`, error)
      await this.#shutdownDirty()
      return
    }
    await this.#shutdownClean()
  }

  async #shutdownClean(): Promise<void> {
    await this.#taskManager.close()
    if (this.#exactlyOnce) await this.#producer.producer.abortTransaction()
    await this.#producer.producer.close()
    await this.#closeConsumer()
  }

  #closeConsumer(): Promise<void> {
    const operation = this.#membershipOperation
    return this.#consumer.close(operation === undefined ? {} : { leaveGroup: operation === 'LEAVE_GROUP' })
  }

  /** Closes everything after an error; what was not committed is aborted, and further errors are only reported. */
  async #shutdownDirty(): Promise<void> {
    const { producer } = this.#producer
    const steps: readonly (() => Promise<void>)[] = [
      async () => {
        if (this.#exactlyOnce) await producer.abortTransaction()
      },
      () => this.#taskManager.close(),
      () => producer.close(),
      () => this.#closeConsumer(),
    ]
    for (const step of steps) {
      try {
        await step()
      } catch (error) {
        this.#logger.warn(`Thread ${this.name}: closing after an error failed.`, error)
      }
    }
  }

  #transition(to: StreamThreadState): void {
    if (this.#state === to && to !== 'partitionsAssigned') return
    assert(VALID_TRANSITIONS[this.#state].includes(to), `Thread ${this.name} cannot go from ${this.#state} to ${to}.`)
    this.#state = to
    this.#onStateChange(to)
  }
}

/** Why an error calls for a recovery of the tasks; undefined: it ends the thread. */
function reasonToRecover(error: unknown): string | undefined {
  if (error instanceof TaskMigratedError) return 'the tasks belong to another member'
  if (error instanceof TaskCorruptedError) return 'what was done cannot be committed'
  if (error instanceof StoreCorruptError) return 'the local state of a task is damaged'
  if (error instanceof SerdeNotReadyError) return 'a serde waits for its schemas'
  if (!(error instanceof ClientError)) return undefined
  if (error.isOutcomeUnknown) return 'the outcome of a commit is not known'
  switch (error.kind) {
    case 'fenced':
      return 'the producer was fenced'
    case 'abortable':
      return 'the transaction cannot be committed'
    case 'retriable':
      return 'the cluster cannot serve now'
    case 'fatal':
      return undefined
  }
}
