import { rmSync } from 'node:fs'
import type { StateEngine } from '@millrace/state-stores'
import type { Admin } from '../clients/admin.ts'
import { ClientError } from '../clients/client-error.ts'
import type { Consumer, OffsetAndMetadata, TopicPartition } from '../clients/consumer.ts'
import { IllegalStateError, TimeoutError } from '../errors.ts'
import type { Metrics } from '../metrics.ts'
import type { StateStore } from '../state/state-store.ts'
import type { StreamsConfig } from '../streams-config.ts'
import { delay, type Time } from '../time.ts'
import type { OffsetResetPolicy } from '../topology/processor-topology.ts'
import type { ActiveTask } from './active-task.ts'
import type { ChangelogReader } from './changelog-reader.ts'
import { matchesWhole } from './node-graph.ts'
import { openTaskEngine } from './open-task-engine.ts'
import type { TaskPlan } from './partition-plan.ts'
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
  /** Hears of asynchronous calls that ended. */
  readonly onAsyncProgress: () => void
}

/**
 * The tasks of one worker: makes them when their partitions are assigned, gets their state ready, starts them at the
 * committed offsets, closes them when their partitions are revoked, and recovers them after an aborted transaction.
 * @see org.apache.kafka.streams.processor.internals.TaskManager
 */
export class TaskManager {
  readonly #options: TaskManagerOptions
  readonly #active = new Map<string, ActiveTask>()
  readonly #byPartition = new Map<string, ActiveTask>()
  /** Task directories that cannot be read any more. */
  readonly #corrupt = new Set<string>()
  /** Tasks that were closed because of that, and are to be made anew. */
  readonly #removed = new Set<TaskPlan>()
  readonly #committed = new Map<ActiveTask, ReadonlyMap<TopicPartition, OffsetAndMetadata>>()

  constructor(options: TaskManagerOptions) {
    this.#options = options
  }

  /** All tasks, restoring ones included, by id. */
  get tasks(): ReadonlyMap<string, ActiveTask> {
    return this.#active
  }

  /** True while some task is not running yet. */
  get isRestoring(): boolean {
    return !this.#options.changelogReader.isIdle
  }

  /** The task that reads a partition. */
  taskOf(topic: string, partition: number): ActiveTask | undefined {
    return this.#byPartition.get(`${topic}-${partition}`)
  }

  /** Makes the tasks whose partitions are assigned now. Their partitions stay paused until their state is ready. */
  async handleAssignment(partitions: readonly TopicPartition[]): Promise<void> {
    const assigned = new Set(partitions.map(({ topic, partition }) => `${topic}-${partition}`))
    this.#options.consumer.pause(partitions)
    for (const plan of this.#options.taskPlans) {
      if (this.#active.has(plan.id)) continue
      if (!plan.inputPartitions.every(({ topic, partition }) => assigned.has(`${topic}-${partition}`))) continue
      await this.#create(plan)
    }
  }

  /** Closes the tasks of partitions that go away; they were committed before. */
  async handleRevocation(partitions: readonly TopicPartition[]): Promise<void> {
    const gone = new Set<ActiveTask>()
    for (const { topic, partition } of partitions) {
      const active = this.taskOf(topic, partition)
      if (active !== undefined) gone.add(active)
    }
    for (const active of gone) await this.#close(active)
  }

  /** Reads changelogs once, and starts the tasks whose state is complete. */
  async restore(timeoutMs: number): Promise<void> {
    for (const active of await this.#options.changelogReader.restore(timeoutMs)) await this.#start(active)
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
    for (const plan of this.#removed) {
      if (!this.#active.has(plan.id)) await this.#create(plan)
      this.#removed.delete(plan)
    }
  }

  /** Closes all tasks. Uncommitted writes are forgotten. */
  async close(): Promise<void> {
    for (const active of [...this.#active.values()]) await this.#close(active)
  }

  /** Closes the tasks whose directories cannot be read, and removes these. */
  async #removeCorrupt(): Promise<void> {
    for (const active of [...this.#active.values()]) {
      const { plan } = active
      const directory = this.#options.stateDirectory.taskDirectory(plan.id)
      if (!this.#corrupt.delete(directory)) continue
      this.#options.consumer.pause(plan.inputPartitions)
      await this.#close(active)
      rmSync(directory, { recursive: true, force: true })
      this.#options.config.logger.warn(
        `Task ${plan.id}: the local state in ${directory} is removed and restored from the changelogs.`,
      )
      this.#removed.add(plan)
    }
  }

  async #create(plan: TaskPlan): Promise<void> {
    const stores = this.#buildStores(plan)
    await this.#options.producer.openTask(plan.id, plan.inputPartitions)
    const engine = await this.#openEngine(plan, stores)
    const task = this.#newTask(plan, engine, stores)
    const active: ActiveTask = { plan, engine, task, loggedStores: [], storeCommit: undefined }
    this.#active.set(plan.id, active)
    for (const { topic, partition } of plan.inputPartitions) this.#byPartition.set(`${topic}-${partition}`, active)
    task.initializeStores()
    await this.#prepare(active)
  }

  async #openEngine(plan: TaskPlan, stores: readonly StateStore[]): Promise<StateEngine> {
    const { config, stateDirectory, openEngine, changelogReader } = this.#options
    const directory = stateDirectory.taskDirectory(plan.id)
    const found = this.#options.snapshots?.open(plan.id) ?? []
    // Damaged files may be in the snapshots too, as links.
    const snapshots = this.#removed.has(plan) ? [] : found
    const committed = snapshots.length === 0 ? new Map() : await this.#fetchCommitted(plan.inputPartitions)
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
    const committed = await this.#fetchCommitted(active.plan.inputPartitions)
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
      consumer.seek(input, position ?? (await this.#resetOffset(active.plan, input)))
    }
    active.task.initializeTopology(committed)
    consumer.resume(active.plan.inputPartitions)
  }

  /** Waits while an open transaction of a former owner holds newer offsets. */
  async #fetchCommitted(
    partitions: readonly TopicPartition[],
  ): Promise<ReadonlyMap<TopicPartition, OffsetAndMetadata>> {
    const { consumer, time, config } = this.#options
    const deadline = time.now() + config.taskTimeoutMs
    for (;;) {
      try {
        return await consumer.committed(partitions)
      } catch (error) {
        if (!(error instanceof ClientError && error.retriable)) throw error
        if (time.now() >= deadline) {
          throw new TimeoutError(
            `The committed offsets cannot be read within task.timeout.ms (${config.taskTimeoutMs} ms): ${error.message}`,
            { cause: error },
          )
        }
        await delay(time, 20)
      }
    }
  }

  async #resetOffset(plan: TaskPlan, input: TopicPartition): Promise<number> {
    const { admin, config, time } = this.#options
    const policy = resetPolicyOf(plan, input.topic) ?? config.autoOffsetReset
    if (policy === 'none') {
      throw new IllegalStateError(
        `Partition ${input.topic}-${input.partition} has no committed offset, and its reset policy is 'none'. Commit an offset for group '${config.applicationId}', or choose another policy.`,
        { taskId: plan.id },
      )
    }
    if (policy === 'earliest') return (await admin.earliestOffsets([input])).get(input)!
    if (policy === 'latest') return (await admin.endOffsets([input], 'read_uncommitted')).get(input)!
    return (await admin.offsetsForTime([input], time.now() - policy.byDurationMs)).get(input)!
  }

  async #close(active: ActiveTask): Promise<void> {
    this.#options.changelogReader.unregister(active)
    this.#committed.delete(active)
    this.#active.delete(active.plan.id)
    for (const { topic, partition } of active.plan.inputPartitions) this.#byPartition.delete(`${topic}-${partition}`)
    this.#closeTask(active)
    await active.storeCommit?.catch(() => {})
    active.engine.discard()
    await this.#options.producer.closeTask(active.plan.id)
    await this.#options.snapshots?.close(active.plan.id)
    await active.engine.close()
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

function resetPolicyOf(plan: TaskPlan, topic: string): OffsetResetPolicy | undefined {
  for (const node of plan.subtopology.topology.nodes) {
    if (node.kind !== 'source') continue
    if (node.topics.includes(topic)) return node.offsetResetPolicy
    if (node.pattern !== undefined && matchesWhole(node.pattern, topic)) return node.offsetResetPolicy
  }
  return undefined
}
