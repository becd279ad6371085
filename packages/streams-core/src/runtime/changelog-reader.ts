import type { ChangelogPosition, StoreCommit } from '@millrace/state-stores'
import type { Admin } from '../clients/admin.ts'
import type { Consumer, OffsetAndMetadata, PartitionRecords, TopicPartition } from '../clients/consumer.ts'
import { assert, StreamsConfigError } from '../errors.ts'
import type { Logger } from '../logger.ts'
import type { Time } from '../time.ts'
import { type ActiveTask, changelogPositions, type LoggedStore } from './active-task.ts'

/** Told how restoring goes, store by store. Offsets are of the changelog. @see org.apache.kafka.streams.processor.StateRestoreListener */
export interface StateRestoreListener {
  onRestoreStart?(partition: TopicPartition, storeName: string, startingOffset: number, endingOffset: number): void
  onBatchRestored?(partition: TopicPartition, storeName: string, batchEndOffset: number, restoredCount: number): void
  onRestoreEnd?(partition: TopicPartition, storeName: string, totalRestored: number): void
}

interface Restoration {
  readonly active: ActiveTask
  readonly store: LoggedStore
  readonly endOffset: number
  restored: number
}

/** Records applied to a task between two writes of its engine. */
const recordsPerStoreCommit = 50_000

/**
 * Fills stores from their changelogs, up to what is committed there. A store whose local data is still valid gets the tail
 * only; local data is valid while the changelog
 *
 * - is the same topic (topic id),
 * - still holds the history in which the local position was written (leader epoch),
 * - still holds the record at the position, and
 * - has not forgotten deletions since (`delete.retention.ms`).
 *
 * Else the store is wiped and restored from the start, and that is logged.
 * @see org.apache.kafka.streams.processor.internals.StoreChangelogReader
 */
export class ChangelogReader {
  readonly #consumer: Consumer
  readonly #admin: Admin
  readonly #isolation: 'read_committed' | 'read_uncommitted'
  readonly #listener: StateRestoreListener
  readonly #logger: Logger
  readonly #time: Time
  readonly #restorations = new Map<string, Restoration>()
  readonly #sinceCommit = new Map<ActiveTask, number>()

  constructor(options: {
    readonly consumer: Consumer
    readonly admin: Admin
    readonly isolation: 'read_committed' | 'read_uncommitted'
    readonly listener: StateRestoreListener
    readonly logger: Logger
    readonly time: Time
  }) {
    this.#consumer = options.consumer
    this.#admin = options.admin
    this.#isolation = options.isolation
    this.#listener = options.listener
    this.#logger = options.logger
    this.#time = options.time
  }

  /** True while stores of the task are being restored. */
  isRestoring(active: ActiveTask): boolean {
    for (const restoration of this.#restorations.values()) if (restoration.active === active) return true
    return false
  }

  get isIdle(): boolean {
    return this.#restorations.size === 0
  }

  /**
   * Judges the local data of a task's stores and begins to restore what is behind. `committed`: the task's committed input
   * offsets.
   */
  async register(active: ActiveTask, committed: ReadonlyMap<TopicPartition, OffsetAndMetadata>): Promise<void> {
    const lastCommit = active.engine.lastCommit()
    await this.#wipeDivergedUnlogged(active, lastCommit, committed)
    const { changelogTopics } = active.plan.subtopology.topology
    const stores: LoggedStore[] = []
    for (const [storeName, topic] of changelogTopics) {
      const changelog = { topic, partition: active.plan.partition }
      const [description] = (await this.#admin.describeTopics([topic])).values()
      assert(description !== undefined, `Changelog topic '${topic}' of store '${storeName}' does not exist.`)
      const leaderEpoch = (await this.#admin.leaderEpochs([changelog])).get(changelog) ?? -1
      const isSource = active.plan.inputPartitions.some((input) => input.topic === topic)
      const store = { storeName, changelog, isSource, topicId: description.topicId, leaderEpoch, offset: 0 }
      const endOffset = isSource
        ? committedOffsetOf(committed, changelog)
        : (await this.#admin.endOffsets([changelog], this.#isolation)).get(changelog)!
      await this.#locate(active, store, lastCommit?.changelogOffsets.get(storeName), endOffset)
      stores.push(store)
      if (store.offset >= endOffset) continue
      this.#restorations.set(nameOf(changelog), { active, store, endOffset, restored: 0 })
      this.#listener.onRestoreStart?.(changelog, storeName, store.offset, endOffset)
    }
    active.loggedStores = stores
    this.#assign()
  }

  /** Forgets a task that is closed. */
  unregister(active: ActiveTask): void {
    for (const [name, restoration] of this.#restorations) {
      if (restoration.active === active) this.#restorations.delete(name)
    }
    this.#sinceCommit.delete(active)
    this.#assign()
  }

  /** Reads once and applies what came; gives the tasks that are complete now. Waits up to `timeoutMs` for records. */
  async restore(timeoutMs: number): Promise<readonly ActiveTask[]> {
    const touched = new Set<ActiveTask>()
    for (const polled of await this.#consumer.poll(timeoutMs)) {
      const restoration = this.#restorations.get(nameOf(polled))
      if (restoration === undefined) continue
      this.#apply(restoration, polled)
      touched.add(restoration.active)
    }
    const complete: ActiveTask[] = []
    let changed = false
    for (const [name, { active, store, endOffset, restored }] of this.#restorations) {
      if (store.offset < endOffset) continue
      this.#restorations.delete(name)
      this.#listener.onRestoreEnd?.(store.changelog, store.storeName, restored)
      touched.add(active)
      changed = true
    }
    for (const active of touched) {
      const isComplete = !this.isRestoring(active)
      if (isComplete) complete.push(active)
      if (isComplete || (this.#sinceCommit.get(active) ?? 0) >= recordsPerStoreCommit) await this.#commit(active)
    }
    if (changed) this.#assign()
    return complete
  }

  #apply(restoration: Restoration, polled: PartitionRecords): void {
    const { active, store, endOffset } = restoration
    const target = active.task.stores.get(store.storeName)!
    if (target.restore === undefined) {
      throw new StreamsConfigError(
        'store',
        `Store '${store.storeName}' has a changelog but cannot be restored. Give it a restore method, or turn its logging off.`,
      )
    }
    let count = 0
    for (const record of polled.records) {
      if (record.offset >= endOffset) break
      // A copy, because a store in memory would else keep the whole fetched block alive.
      if (record.key !== null)
        target.restore(
          record.key,
          record.value === null ? null : record.value.slice(),
          record.timestamp,
          record.headers,
        )
      count += 1
    }
    store.offset = Math.min(polled.nextOffset, endOffset)
    restoration.restored += count
    this.#sinceCommit.set(active, (this.#sinceCommit.get(active) ?? 0) + count)
    this.#listener.onBatchRestored?.(store.changelog, store.storeName, store.offset, count)
  }

  async #commit(active: ActiveTask): Promise<void> {
    this.#sinceCommit.delete(active)
    const inputOffsets = active.engine.lastCommit()?.inputOffsets ?? new Map()
    await active.engine.commit({ changelogOffsets: changelogPositions(active, this.#time.now()), inputOffsets })
  }

  /** Sets where the store stands, wiping it when its local data cannot be trusted. */
  async #locate(
    active: ActiveTask,
    store: LoggedStore,
    local: ChangelogPosition | undefined,
    endOffset: number,
  ): Promise<void> {
    const { changelog, storeName } = store
    const earliest = (await this.#admin.earliestOffsets([changelog])).get(changelog)!
    const reason = local === undefined ? undefined : await this.#whyInvalid(store, local, earliest, endOffset)
    if (local !== undefined && reason === undefined) {
      store.offset = local.offset
      return
    }
    if (reason !== undefined) {
      this.#logger.warn(`Task ${active.plan.id}: store '${storeName}' is rebuilt from ${nameOf(changelog)}: ${reason}.`)
    }
    await active.engine.wipe(storeName)
    store.offset = earliest
  }

  async #whyInvalid(
    store: LoggedStore,
    local: ChangelogPosition,
    earliest: number,
    endOffset: number,
  ): Promise<string | undefined> {
    const { changelog, isSource, topicId, leaderEpoch } = store
    if (local.topicId !== topicId) return `the topic was made anew (id ${topicId}, local data has ${local.topicId})`
    if (local.offset < earliest) return `its position ${local.offset} was deleted (the log starts at ${earliest})`
    if (local.offset > endOffset)
      return `its position ${local.offset} is beyond ${isSource ? 'the committed offset' : 'the end'} ${endOffset}`
    if (local.leaderEpoch !== leaderEpoch) {
      const end = await this.#admin.epochEndOffset(changelog, local.leaderEpoch)
      if (end < local.offset) return `its position ${local.offset} of leader epoch ${local.leaderEpoch} was cut off`
    }
    const configs = await this.#admin.topicConfigs(changelog.topic)
    const deleteRetentionMs = Number(configs['delete.retention.ms'] ?? 86_400_000)
    const age = this.#time.now() - local.timestamp
    if (age > deleteRetentionMs)
      return `it is ${Math.round(age / 1000)} s old, and deletions may be forgotten after ${deleteRetentionMs} ms`
    return undefined
  }

  /** Stores without changelog hold what the inputs gave up to a position: if that is not the committed one, they start anew. */
  async #wipeDivergedUnlogged(
    active: ActiveTask,
    lastCommit: StoreCommit | undefined,
    committed: ReadonlyMap<TopicPartition, OffsetAndMetadata>,
  ): Promise<void> {
    if (lastCommit === undefined) return
    const { topology } = active.plan.subtopology
    const unlogged = topology.stores.filter(({ name }) => !topology.changelogTopics.has(name))
    if (unlogged.length === 0) return
    const agrees = active.plan.inputPartitions.every(
      (input) => (lastCommit.inputOffsets.get(nameOf(input)) ?? 0) === committedOffsetOf(committed, input),
    )
    if (agrees) return
    for (const { name } of unlogged) {
      this.#logger.warn(
        `Task ${active.plan.id}: store '${name}' has no changelog and is not where the committed offsets are; it starts empty.`,
      )
      await active.engine.wipe(name)
    }
  }

  #assign(): void {
    const restorations = [...this.#restorations.values()]
    this.#consumer.assign(restorations.map(({ store }) => store.changelog))
    for (const { store } of restorations) this.#consumer.seek(store.changelog, store.offset)
  }
}

function committedOffsetOf(
  committed: ReadonlyMap<TopicPartition, OffsetAndMetadata>,
  { topic, partition }: TopicPartition,
): number {
  for (const [key, { offset }] of committed) if (key.topic === topic && key.partition === partition) return offset
  return 0
}

function nameOf({ topic, partition }: TopicPartition): string {
  return `${topic}-${partition}`
}
