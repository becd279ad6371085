import type { Admin } from '../clients/admin.ts'
import type { Consumer, OffsetAndMetadata, TopicPartition } from '../clients/consumer.ts'
import { TaskCorruptedError } from '../errors.ts'
import type { StreamsConfig } from '../streams-config.ts'
import type { Time, Timer } from '../time.ts'
import { type ActiveTask, changelogPositions } from './active-task.ts'
import type { StreamTask } from './stream-task.ts'
import type { StreamsProducer } from './streams-producer.ts'
import type { TaskSnapshots } from './task-snapshots.ts'

/** An hour: much less than deletions are remembered (`delete.retention.ms`, a day by default). */
const storeRefreshMs = 3_600_000

/**
 * Commits tasks, in this order and never another:
 *
 *     flush caches ─► flush producer ─► commit offsets | commit transaction ─► one store batch per task: data, changelog offsets, position
 *
 * Flushing caches makes records, so it comes first. The store batch comes last, so that local state is never ahead of
 * what was committed; a crash in between costs a restore of the tail.
 * @see org.apache.kafka.streams.processor.internals.TaskExecutor
 */
export class TaskExecutor {
  readonly #consumer: Consumer
  readonly #admin: Admin
  readonly #producer: StreamsProducer
  readonly #config: StreamsConfig
  readonly #time: Time
  readonly #snapshots: TaskSnapshots | undefined
  readonly #committed = new Map<string, number>()
  #lastPurgeMs: number
  #lastRefreshMs: number
  #drainEndsMs: number | undefined
  #onDrainLimit: (() => void) | undefined

  constructor(options: {
    readonly consumer: Consumer
    readonly admin: Admin
    readonly producer: StreamsProducer
    readonly config: StreamsConfig
    readonly time: Time
    /** Undefined: none are made. */
    readonly snapshots: TaskSnapshots | undefined
  }) {
    this.#consumer = options.consumer
    this.#admin = options.admin
    this.#producer = options.producer
    this.#config = options.config
    this.#time = options.time
    this.#snapshots = options.snapshots
    this.#lastPurgeMs = options.time.now()
    this.#lastRefreshMs = this.#lastPurgeMs
  }

  /**
   * Commits what the tasks have done since the last commit; nothing when they have done nothing. Store batches may still
   * be being written when it resolves. Asynchronous operators settle first; `drainTimeoutMs` bounds the wait for each task.
   * @throws TaskMigratedError, TaskCorruptedError, ProductionError, ClientError; the tasks must be recovered then
   */
  async commitTasks(tasks: Iterable<ActiveTask>, drainTimeoutMs?: number): Promise<void> {
    const dirty = [...tasks].filter(({ task }) => task.commitNeeded)
    if (dirty.length === 0) return
    for (const { task } of dirty) if (task.pendingAsync > 0) await this.#settle(task, drainTimeoutMs)
    for (const { task } of dirty) task.flushCaches()
    const offsets = new Map<TopicPartition, OffsetAndMetadata>()
    for (const { task } of dirty)
      for (const [partition, offset] of task.committableOffsets()) offsets.set(partition, offset)
    if (this.#config.processingGuarantee === 'exactly_once_v2') await this.#commitTransaction(offsets)
    else await this.#commitOffsets(offsets)
    for (const [{ topic, partition }, { offset }] of offsets) this.#committed.set(`${topic}-${partition}`, offset)
    for (const active of dirty) {
      await active.storeCommit
      this.#commitStores(active, offsets)
      active.task.postCommit()
    }
    await this.#maybePurge(dirty, offsets)
  }

  /** The offset of an input partition that was committed here last; undefined when none was. */
  committedOffset(topic: string, partition: number): number | undefined {
    return this.#committed.get(`${topic}-${partition}`)
  }

  /**
   * Writes once more where the stores of idle tasks stand, now and then, so that local state does not count as outdated only
   * because nothing happened (a task is the only writer of its changelogs).
   */
  async refreshIdleStores(tasks: Iterable<ActiveTask>): Promise<void> {
    const now = this.#time.now()
    if (now - this.#lastRefreshMs < storeRefreshMs) return
    this.#lastRefreshMs = now
    for (const active of tasks) {
      if (active.task.commitNeeded) continue
      await active.storeCommit
      this.#commitStores(active, new Map())
    }
  }

  /**
   * From now on, and for a commit that is waiting already, asynchronous calls have so long in all; then commits fail with a
   * TaskCorruptedError.
   */
  limitDrain(drainTimeoutMs: number): void {
    this.#drainEndsMs ??= this.#time.now() + drainTimeoutMs
    this.#onDrainLimit?.()
  }

  /** Waits for the task's asynchronous calls. @throws TaskCorruptedError when they take longer than allowed */
  async #settle(task: StreamTask, drainTimeoutMs: number | undefined): Promise<void> {
    const beginMs = this.#time.now()
    let timer: Timer | undefined
    const late = new Promise<never>((_resolve, reject) => {
      const arm = (): void => {
        const endsMs = Math.min(beginMs + (drainTimeoutMs ?? Infinity), this.#drainEndsMs ?? Infinity)
        if (endsMs === Infinity) return
        timer?.cancel()
        timer = this.#time.setTimer(Math.max(0, endsMs - this.#time.now()), () => reject(callsOutstanding(task)))
      }
      this.#onDrainLimit = arm
      arm()
    })
    try {
      await Promise.race([task.settleAsync(), late])
    } finally {
      this.#onDrainLimit = undefined
      timer?.cancel()
    }
  }

  async #commitTransaction(offsets: ReadonlyMap<TopicPartition, OffsetAndMetadata>): Promise<void> {
    const { producer } = this.#producer
    if (offsets.size > 0) await producer.sendOffsetsToTransaction(offsets, this.#consumer.groupMetadata())
    await producer.flush()
    this.#producer.throwSendError()
    await producer.commitTransaction()
    producer.beginTransaction()
  }

  async #commitOffsets(offsets: ReadonlyMap<TopicPartition, OffsetAndMetadata>): Promise<void> {
    await this.#producer.producer.flush()
    this.#producer.throwSendError()
    if (offsets.size > 0) await this.#consumer.commit(offsets)
  }

  #commitStores(active: ActiveTask, offsets: ReadonlyMap<TopicPartition, OffsetAndMetadata>): void {
    const inputOffsets = new Map(active.engine.lastCommit()?.inputOffsets)
    for (const [{ topic, partition }, { offset }] of offsets) {
      if (active.plan.inputPartitions.some((input) => input.topic === topic && input.partition === partition)) {
        inputOffsets.set(`${topic}-${partition}`, offset)
      }
    }
    for (const store of active.loggedStores) {
      const { topic, partition } = store.changelog
      const acknowledged = this.#producer.lastAcknowledged(topic, partition)
      if (store.isSource) store.offset = inputOffsets.get(`${topic}-${partition}`) ?? store.offset
      else if (acknowledged !== undefined && acknowledged.offset >= store.offset) {
        store.offset = acknowledged.offset + 1
        if (acknowledged.leaderEpoch >= 0) store.leaderEpoch = acknowledged.leaderEpoch
      }
    }
    const changelogOffsets = changelogPositions(active, this.#time.now())
    const commit = { changelogOffsets, inputOffsets }
    active.storeCommit = active.engine.commit(commit)
    // Awaited by the next commit or the close; this keeps a failure from being unheard until then.
    active.storeCommit.catch(() => {})
    this.#snapshots?.afterCommit(active.plan.id, active.engine, commit)
  }

  /** Deletes what is committed from repartition topics, now and then. */
  async #maybePurge(
    tasks: readonly ActiveTask[],
    offsets: ReadonlyMap<TopicPartition, OffsetAndMetadata>,
  ): Promise<void> {
    const now = this.#time.now()
    if (now - this.#lastPurgeMs < this.#config.repartitionPurgeIntervalMs) return
    this.#lastPurgeMs = now
    const repartitionTopics = new Set(
      tasks.flatMap(({ plan }) => [...plan.subtopology.topology.repartitionSourceTopics]),
    )
    const before = new Map<TopicPartition, number>()
    for (const [partition, { offset }] of offsets)
      if (repartitionTopics.has(partition.topic)) before.set(partition, offset)
    if (before.size > 0) await this.#admin.deleteRecords(before)
  }
}

function callsOutstanding(task: StreamTask): TaskCorruptedError {
  return new TaskCorruptedError(
    [task.id],
    `Task ${task.id}: ${task.pendingAsync} asynchronous calls did not end within async.drain.timeout.ms; what they belong to is processed again.`,
  )
}
