import { existsSync, rmSync } from 'node:fs'
import type { StateEngine } from '@millrace/state-stores'
import type { Admin } from '../clients/admin.ts'
import type { Consumer, OffsetAndMetadata, TopicPartition } from '../clients/consumer.ts'
import type { Metrics } from '../metrics.ts'
import type { StateStore } from '../state/state-store.ts'
import type { StreamsConfig } from '../streams-config.ts'
import type { Time } from '../time.ts'
import { type ActiveTask, offsetSumOf, type SuspendedTask } from './active-task.ts'
import type { HeldTask } from './assignment/streams-protocol.ts'
import type { ChangelogReader } from './changelog-reader.ts'
import { openTaskEngine } from './open-task-engine.ts'
import type { TaskPlan } from './partition-plan.ts'
import { StartOffsets } from './start-offsets.ts'
import type { StateDirectory } from './state-directory.ts'
import { StreamTask } from './stream-task.ts'
import type { StreamsProducer } from './streams-producer.ts'
import type { TaskCache } from './task-context.ts'
import type { TaskSnapshots } from './task-snapshots.ts'

/** Opens the engine that keeps a task's persistent stores in a directory. */
export type StateEngineFactory = (
  directory: string,
  owner: { readonly applicationId: string; readonly taskId: string },
) => Promise<StateEngine>

/** What a worker's tasks are made with. */
export interface TaskManagerOptions {
  readonly config: StreamsConfig
  readonly time: Time
  readonly metrics: Metrics
  readonly threadId: string
  readonly taskPlans: readonly TaskPlan[]
  readonly consumer: Consumer
  readonly admin: Admin
  readonly producer: StreamsProducer
  readonly changelogReader: ChangelogReader
  readonly stateDirectory: StateDirectory
  readonly openEngine: StateEngineFactory
  /** Undefined: tasks do not start from snapshots. */
  readonly snapshots: TaskSnapshots | undefined
  readonly globalStores: ReadonlyMap<string, StateStore>
  readonly cache: TaskCache
  /** Ids of the tasks of which the worker is to keep standby copies. */
  readonly standbyTasks: () => ReadonlySet<string>
  /** Ids of the tasks that are to be the worker's, when others have given them back: what there is of them is kept. */
  readonly expectedTasks: () => ReadonlySet<string>
  /** Hears of asynchronous calls that ended. */
  readonly onAsyncProgress: () => void
}

/** ms between two notes of where stores stand; they only help the assignor. */
const noteOffsetsMs = 10_000
/** ms between two looks at how far copies of source topics may go. */
const standbyLimitMs = 1000

/**
 * The tasks of one worker: makes them when their partitions are assigned, gets their state ready, starts them at the
 * committed offsets, suspends them when their partitions are revoked, and recovers them after an aborted transaction. The state of a
 * suspended task stays open until the next assignment: it goes on, becomes a standby copy, or is closed. A standby task that becomes
 * active goes on from its copy.
 * @see org.apache.kafka.streams.processor.internals.TaskManager
 */
export class TaskManager {
  readonly #options: TaskManagerOptions
  readonly #active = new Map<string, ActiveTask>()
  readonly #standbys = new Map<string, ActiveTask>()
  readonly #suspended = new Map<string, SuspendedTask>()
  readonly #locks = new Map<string, () => void>()
  readonly #startOffsets: StartOffsets
  readonly #byPartition = new Map<string, ActiveTask>()
  /** Names of the partitions that the worker has. */
  readonly #assigned = new Set<string>()
  /** Task directories that cannot be read any more. */
  readonly #corrupt = new Set<string>()
  /** Tasks that were closed because of that, and are to be made anew. */
  readonly #removed = new Set<TaskPlan>()
  readonly #committed = new Map<ActiveTask, ReadonlyMap<TopicPartition, OffsetAndMetadata>>()

  #lastNoteMs: number
  #lastLimitMs: number

  constructor(options: TaskManagerOptions) {
    this.#options = options
    this.#startOffsets = new StartOffsets(options)
    this.#lastNoteMs = options.time.now()
    this.#lastLimitMs = this.#lastNoteMs
  }

  /** All tasks, restoring ones included, by id. */
  get tasks(): ReadonlyMap<string, ActiveTask> {
    return this.#active
  }

  /** The tasks of which only a copy is kept, by id; their `task` stays `restoring`. */
  get standbyTasks(): ReadonlyMap<string, ActiveTask> {
    return this.#standbys
  }

  /** What the worker has of tasks, for the assignor. Of what lies in the state directory all workers of an instance speak. */
  heldTasks(): readonly HeldTask[] {
    const { stateDirectory } = this.#options
    const held = new Map<string, HeldTask>()
    for (const taskId of stateDirectory.taskIds()) {
      held.set(taskId, { taskId, role: 'stored', offsetSum: stateDirectory.offsetSum(taskId) })
    }
    for (const [taskId, { engine, wasRunning }] of this.#suspended) {
      held.set(taskId, { taskId, role: wasRunning ? 'active' : 'standby', offsetSum: offsetSumOf(engine) })
    }
    for (const [taskId, { engine }] of this.#standbys) {
      held.set(taskId, { taskId, role: 'standby', offsetSum: offsetSumOf(engine) })
    }
    for (const [taskId, { engine, task }] of this.#active) {
      held.set(taskId, {
        taskId,
        role: task.state === 'running' ? 'active' : 'standby',
        offsetSum: offsetSumOf(engine),
      })
    }
    return [...held.values()]
  }

  /** True while some task is not running yet. */
  get isRestoring(): boolean {
    return !this.#options.changelogReader.isIdle
  }

  /** The task that reads a partition. */
  taskOf(topic: string, partition: number): ActiveTask | undefined {
    return this.#byPartition.get(`${topic}-${partition}`)
  }

  /**
   * Makes the tasks whose partitions have come with these, and the standby tasks. Partitions stay paused until the state of their tasks is
   * ready. State that is not wanted is closed first: another worker of the instance may wait for it.
   */
  async handleAssignment(partitions: readonly TopicPartition[]): Promise<void> {
    for (const { topic, partition } of partitions) this.#assigned.add(`${topic}-${partition}`)
    this.#options.consumer.pause(partitions)
    const standbyIds = this.#options.standbyTasks()
    const active = this.#options.taskPlans.filter(
      ({ id, inputPartitions }) =>
        this.#active.has(id) ||
        inputPartitions.every(({ topic, partition }) => this.#assigned.has(`${topic}-${partition}`)),
    )
    const activeIds = new Set(active.map(({ id }) => id))
    const standby = this.#options.taskPlans.filter(({ id }) => standbyIds.has(id) && !activeIds.has(id))
    const wanted = new Set([...this.#options.expectedTasks(), ...[...active, ...standby].map(({ id }) => id)])
    for (const [id, { plan, engine }] of [...this.#suspended])
      if (!wanted.has(id)) await this.#closeEngine(plan, engine)
    for (const [id, task] of [...this.#standbys]) if (!wanted.has(id)) await this.#closeStandby(task)
    for (const plan of active) if (!this.#active.has(plan.id)) await this.#create(plan)
    for (const plan of standby) if (!this.#standbys.has(plan.id)) await this.#createStandby(plan)
  }

  /** Suspends the tasks of partitions that go away; they were committed before. */
  async handleRevocation(partitions: readonly TopicPartition[]): Promise<void> {
    const gone = new Set<ActiveTask>()
    for (const { topic, partition } of partitions) {
      this.#assigned.delete(`${topic}-${partition}`)
      const active = this.taskOf(topic, partition)
      if (active !== undefined) gone.add(active)
    }
    for (const active of gone) await this.#suspend(active)
  }

  /**
   * Goes on reading where the reset policies say, in inputs whose positions are not in the log.
   * @throws IllegalStateError for the policy `none`
   */
  async resetPositions(inputs: readonly TopicPartition[]): Promise<void> {
    const { consumer, config } = this.#options
    for (const input of inputs) {
      const { topic, partition } = input
      const active = this.taskOf(topic, partition)
      if (active === undefined) continue
      const why = `has no offset ${consumer.position(input)}, to which it was read: its log was cut, or made anew`
      const offset = await this.#startOffsets.reset(active.plan, input, why)
      config.logger.warn(
        `Task ${active.plan.id}: partition ${topic}-${partition} ${why}. By its reset policy it is read from offset ${offset} on.`,
      )
      consumer.seek(input, offset)
    }
  }

  /** Reads changelogs once, and starts the tasks whose state is complete. */
  async restore(timeoutMs: number): Promise<void> {
    for (const active of await this.#options.changelogReader.restore(timeoutMs)) await this.#start(active)
  }

  /** Brings standby copies forward, unless tasks are being restored. */
  async updateStandbys(): Promise<void> {
    const now = this.#options.time.now()
    if (now - this.#lastNoteMs >= noteOffsetsMs) {
      this.#lastNoteMs = now
      for (const { plan, engine } of [...this.#active.values(), ...this.#standbys.values()]) this.#note(plan, engine)
    }
    if (this.#standbys.size === 0) return
    if (now - this.#lastLimitMs >= standbyLimitMs) {
      this.#lastLimitMs = now
      for (const standby of this.#standbys.values()) {
        if (!standby.loggedStores.some(({ isSource }) => isSource)) continue
        this.#options.changelogReader.limitStandby(standby, await this.#committedOf(standby.plan))
      }
    }
    await this.#options.changelogReader.updateStandbys()
  }

  /** The next {@link recover} removes this task directory, and restores its stores. */
  markCorrupt(directory: string): void {
    this.#corrupt.add(directory)
  }

  /**
   * Puts all tasks back to what is committed: forgets their uncommitted writes and buffered records, makes their
   * processors anew, restores what the stores lack, and reads on from the committed offsets.
   */
  async recover(): Promise<void> {
    await this.#removeCorrupt()
    for (const active of this.#active.values()) {
      this.#options.changelogReader.unregister(active)
      this.#closeTask(active)
      await active.storeCommit?.catch(() => {})
      active.storeCommit = undefined
      active.engine.discard()
      active.task = this.#newTask(active.plan, active.engine)
      active.task.initializeStores()
      this.#options.consumer.pause(active.plan.inputPartitions)
    }
    for (const active of this.#active.values()) await this.#prepare(active)
    const standbyIds = this.#options.standbyTasks()
    for (const plan of this.#removed) {
      const isStandby = standbyIds.has(plan.id)
      if (isStandby && !this.#standbys.has(plan.id)) await this.#createStandby(plan)
      if (!isStandby && !this.#active.has(plan.id)) await this.#create(plan)
      this.#removed.delete(plan)
    }
  }

  /** Closes all tasks. Uncommitted writes are forgotten. */
  async close(): Promise<void> {
    for (const active of [...this.#active.values()]) await this.#close(active)
    for (const standby of [...this.#standbys.values()]) await this.#closeStandby(standby)
    for (const { plan, engine } of [...this.#suspended.values()]) await this.#closeEngine(plan, engine)
    await this.#options.changelogReader.close()
  }

  /** Closes the tasks whose directories cannot be read, and removes these. */
  async #removeCorrupt(): Promise<void> {
    for (const active of [...this.#active.values(), ...this.#standbys.values()]) {
      const { plan } = active
      const directory = this.#options.stateDirectory.taskDirectory(plan.id)
      if (!this.#corrupt.delete(directory)) continue
      if (this.#active.has(plan.id)) {
        this.#options.consumer.pause(plan.inputPartitions)
        await this.#close(active)
      } else await this.#closeStandby(active)
      rmSync(directory, { recursive: true, force: true })
      this.#options.config.logger.warn(
        `Task ${plan.id}: the local state in ${directory} is removed and restored from the changelogs.`,
      )
      this.#removed.add(plan)
    }
  }

  async #create(plan: TaskPlan): Promise<void> {
    const standby = this.#standbys.get(plan.id)
    if (standby === undefined) await this.#options.producer.openTask(plan.id, plan.inputPartitions)
    const active = standby ?? (await this.#open(plan))
    if (standby !== undefined) {
      this.#standbys.delete(plan.id)
      await this.#options.changelogReader.unregisterStandby(standby, 'PROMOTED')
      this.#options.snapshots?.open(plan.id)
    }
    this.#active.set(plan.id, active)
    for (const { topic, partition } of plan.inputPartitions) this.#byPartition.set(`${topic}-${partition}`, active)
    await this.#prepare(active)
  }

  async #createStandby(plan: TaskPlan): Promise<void> {
    const standby = await this.#open(plan, true)
    this.#standbys.set(plan.id, standby)
    await this.#options.changelogReader.registerStandby(standby, await this.#committedOf(plan))
  }

  /** A task with its stores open, on state that is open already or is opened now. */
  async #open(plan: TaskPlan, isStandby = false): Promise<ActiveTask> {
    const stores = this.#buildStores(plan)
    const suspended = this.#suspended.get(plan.id)
    this.#suspended.delete(plan.id)
    if (suspended === undefined) {
      this.#locks.set(plan.id, await this.#options.stateDirectory.taskLocks.acquire(plan.id))
    }
    let engine: StateEngine
    try {
      engine = suspended?.engine ?? (await this.#openEngine(plan, stores, isStandby))
    } catch (error) {
      this.#unlock(plan)
      throw error
    }
    const task = this.#newTask(plan, engine, stores)
    task.initializeStores()
    return { plan, engine, task, loggedStores: [], storeCommit: undefined }
  }

  /** Where the inputs stand, if stores are filled from them. */
  async #committedOf(plan: TaskPlan): Promise<ReadonlyMap<TopicPartition, OffsetAndMetadata>> {
    const topics = new Set(plan.subtopology.topology.changelogTopics.values())
    const sources = plan.inputPartitions.filter(({ topic }) => topics.has(topic))
    return sources.length === 0 ? new Map() : await this.#startOffsets.committed(sources)
  }

  async #openEngine(plan: TaskPlan, stores: readonly StateStore[], isStandby: boolean): Promise<StateEngine> {
    const { config, stateDirectory, openEngine, changelogReader } = this.#options
    const directory = stateDirectory.taskDirectory(plan.id)
    const { snapshots: all } = this.#options
    const found = (isStandby ? all?.read(plan.id) : all?.open(plan.id)) ?? []
    // Damaged files may be in the snapshots too, as links.
    const snapshots = this.#removed.has(plan) ? [] : found
    const committed = snapshots.length === 0 ? new Map() : await this.#startOffsets.committed(plan.inputPartitions)
    return openTaskEngine({
      taskId: plan.id,
      stores,
      logged: new Set(plan.subtopology.topology.changelogTopics.keys()),
      directory,
      openPersistent: () => openEngine(directory, { applicationId: config.applicationId, taskId: plan.id }),
      snapshots,
      whyUnusable: (names, positions) => changelogReader.whyUnusable(plan, names, positions, committed),
      logger: config.logger,
    })
  }

  async #prepare(active: ActiveTask): Promise<void> {
    const committed = await this.#startOffsets.committed(active.plan.inputPartitions)
    this.#committed.set(active, committed)
    await this.#options.changelogReader.register(active, committed)
    if (!this.#options.changelogReader.isRestoring(active)) await this.#start(active)
  }

  async #start(active: ActiveTask): Promise<void> {
    const { consumer } = this.#options
    const committed = this.#committed.get(active)!
    this.#committed.delete(active)
    for (const input of active.plan.inputPartitions) {
      const position = committed.get(input)?.offset
      consumer.seek(input, position ?? (await this.#startOffsets.reset(active.plan, input)))
    }
    active.task.initializeTopology(committed)
    consumer.resume(active.plan.inputPartitions)
  }

  async #close(active: ActiveTask): Promise<void> {
    await this.#suspend(active)
    await this.#closeEngine(active.plan, active.engine)
  }

  /** Closes a task, but not its state. Uncommitted writes are forgotten. */
  async #suspend(active: ActiveTask): Promise<void> {
    const { plan, engine } = active
    const wasRunning = active.task.state === 'running'
    this.#options.changelogReader.unregister(active)
    this.#committed.delete(active)
    this.#active.delete(plan.id)
    for (const { topic, partition } of plan.inputPartitions) this.#byPartition.delete(`${topic}-${partition}`)
    this.#suspended.set(plan.id, { plan, engine, wasRunning })
    this.#closeTask(active)
    await active.storeCommit?.catch(() => {})
    engine.discard()
    await this.#options.producer.closeTask(plan.id)
  }

  async #closeStandby(standby: ActiveTask): Promise<void> {
    this.#standbys.delete(standby.plan.id)
    try {
      await this.#options.changelogReader.unregisterStandby(standby, 'MIGRATED')
    } catch (error) {
      this.#options.config.logger.warn(`Task ${standby.plan.id}: the last of its copy could not be written.`, error)
    }
    this.#closeTask(standby)
    standby.engine.discard()
    await this.#closeEngine(standby.plan, standby.engine)
  }

  async #closeEngine(plan: TaskPlan, engine: StateEngine): Promise<void> {
    this.#suspended.delete(plan.id)
    this.#note(plan, engine)
    await this.#options.snapshots?.close(plan.id)
    try {
      await engine.close()
    } finally {
      this.#unlock(plan)
    }
  }

  #unlock({ id }: TaskPlan): void {
    this.#locks.get(id)?.()
    this.#locks.delete(id)
  }

  #note(plan: TaskPlan, engine: StateEngine): void {
    if (!engine.persistent || !existsSync(this.#options.stateDirectory.taskDirectory(plan.id))) return
    this.#options.stateDirectory.noteOffsetSum(plan.id, offsetSumOf(engine))
  }

  #closeTask(active: ActiveTask): void {
    try {
      active.task.close()
    } catch (error) {
      this.#options.config.logger.warn(`Task ${active.plan.id}: a processor or store threw while it was closed.`, error)
    }
  }

  #newTask(plan: TaskPlan, engine: StateEngine, stores = this.#buildStores(plan)): StreamTask {
    const { config, time, metrics, threadId, globalStores, stateDirectory, cache } = this.#options
    const task = new StreamTask({
      config,
      time,
      metrics,
      threadId,
      producer: this.#options.producer.senderOf(plan.id),
      globalStores,
      cache,
      engine,
      stores,
      subtopology: plan.subtopology.topology,
      partition: plan.partition,
      inputPartitions: plan.inputPartitions,
      stateDir: stateDirectory.taskDirectory(plan.id),
    })
    task.onAsyncProgress(this.#options.onAsyncProgress)
    return task
  }

  #buildStores(plan: TaskPlan): readonly StateStore[] {
    return plan.subtopology.topology.stores.map((builder) => builder.build())
  }
}
