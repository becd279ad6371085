import type { ChangelogPosition, StoreCommit } from '@millrace/state-stores'
import type { Admin } from '../clients/admin.ts'
import type { Consumer, OffsetAndMetadata, PartitionRecords, TopicPartition } from '../clients/consumer.ts'
import { OffsetOutOfRangeError } from '../clients/offset-out-of-range-error.ts'
import { partitionName } from '../clients/partition-name.ts'
import { StreamsConfigError } from '../errors.ts'
import type { Logger } from '../logger.ts'
import type { Time } from '../time.ts'
import { type ActiveTask, changelogPositions, type LoggedStore } from './active-task.ts'
import { type ChangelogState, changelogState, committedOffsetOf, whyInvalid } from './changelog-position.ts'
import type { TaskPlan } from './partition-plan.ts'
import type { StandbySuspendReason, StandbyUpdateListener } from './standby-update-listener.ts'

/** Told how restoring goes, store by store. Offsets are of the changelog. @see org.apache.kafka.streams.processor.StateRestoreListener */
export interface StateRestoreListener {
  onRestoreStart?(partition: TopicPartition, storeName: string, startingOffset: number, endingOffset: number): void
  onBatchRestored?(partition: TopicPartition, storeName: string, batchEndOffset: number, restoredCount: number): void
  onRestoreEnd?(partition: TopicPartition, storeName: string, totalRestored: number): void
  /** The task goes elsewhere, or is put back, before its store is complete. */
  onRestoreSuspended?(partition: TopicPartition, storeName: string, totalRestored: number): void
}

interface Restoration {
  readonly active: ActiveTask
  readonly store: LoggedStore
  /** A copy that follows its changelog, instead of a store that is filled once. */
  readonly isStandby: boolean
  /** Up to which offset, exclusive, records are applied; Infinity for a copy, but not of a source topic. */
  endOffset: number
  restored: number
}

/** Records applied to a task between two writes of its engine, unless their bytes are too many. */
const recordsPerStoreCommit = 50_000
const bytesPerStoreCommit = 16 * 1024 * 1024
/** ms between two writes of the engine of a standby task that does not fall behind. */
const standbyCommitMs = 1000

/**
 * Fills stores from their changelogs, up to what is committed there. A store whose local data is still valid gets the tail
 * only (`whyInvalid` says when that is). Else the store is wiped and restored from the start, and that is logged. Standby copies
 * are read on while no store is being restored.
 * @see org.apache.kafka.streams.processor.internals.StoreChangelogReader
 */
export class ChangelogReader {
  readonly #consumer: Consumer
  readonly #admin: Admin
  readonly #listener: StateRestoreListener
  readonly #standbyListener: StandbyUpdateListener
  readonly #logger: Logger
  readonly #time: Time
  readonly #restorations = new Map<string, Restoration>()
  readonly #sinceCommit = new Map<ActiveTask, number>()
  /** Tasks with a write of their engine under way. */
  readonly #committing = new Set<ActiveTask>()
  #lastStandbyCommitMs = 0

  constructor(options: {
    readonly consumer: Consumer
    readonly admin: Admin
    readonly listener: StateRestoreListener
    readonly standbyListener: StandbyUpdateListener
    readonly logger: Logger
    readonly time: Time
  }) {
    this.#consumer = options.consumer
    this.#admin = options.admin
    this.#listener = options.listener
    this.#standbyListener = options.standbyListener
    this.#logger = options.logger
    this.#time = options.time
  }

  /** True while stores of the task are being restored. */
  isRestoring(active: ActiveTask): boolean {
    for (const restoration of this.#restorations.values()) {
      if (restoration.active === active && !restoration.isStandby) return true
    }
    return false
  }

  /** True while nothing is being restored. */
  get isIdle(): boolean {
    for (const { isStandby } of this.#restorations.values()) if (!isStandby) return false
    return true
  }

  /**
   * Judges the local data of a task's stores and begins to restore what is behind. `committed`: the task's committed input
   * offsets.
   */
  async register(active: ActiveTask, committed: ReadonlyMap<TopicPartition, OffsetAndMetadata>): Promise<void> {
    await this.#wipeDivergedUnlogged(active, active.engine.lastCommit(), committed)
    await this.#begin(active, committed, false)
  }

  /** Begins to keep the stores of a standby task up to date; `committed` as above. */
  registerStandby(active: ActiveTask, committed: ReadonlyMap<TopicPartition, OffsetAndMetadata>): Promise<void> {
    return this.#begin(active, committed, true)
  }

  async #begin(
    active: ActiveTask,
    committed: ReadonlyMap<TopicPartition, OffsetAndMetadata>,
    isStandby: boolean,
  ): Promise<void> {
    const lastCommit = active.engine.lastCommit()
    const { changelogTopics } = active.plan.subtopology.topology
    const stores: LoggedStore[] = []
    for (const [storeName, topic] of changelogTopics) {
      const state = await changelogState(this.#admin, active.plan, storeName, topic, committed)
      const { partition: changelog, isSource, topicId, leaderEpoch, endOffset } = state
      const store = { storeName, changelog, isSource, topicId, leaderEpoch, offset: 0 }
      await this.#locate(active, store, state, lastCommit?.changelogOffsets.get(storeName))
      stores.push(store)
      if (isStandby) {
        const limit = isSource ? endOffset : Infinity
        this.#restorations.set(partitionName(changelog), { active, store, isStandby, endOffset: limit, restored: 0 })
        this.#standbyListener.onUpdateStart?.(changelog, storeName, store.offset)
      } else if (store.offset < endOffset) {
        this.#restorations.set(partitionName(changelog), { active, store, isStandby, endOffset, restored: 0 })
        this.#listener.onRestoreStart?.(changelog, storeName, store.offset, endOffset)
      }
    }
    active.loggedStores = stores
    this.#assign()
  }

  /**
   * Why stores of a task cannot go on from these positions; undefined: they can. To be asked before the task's engine is chosen.
   */
  async whyUnusable(
    plan: TaskPlan,
    storeNames: readonly string[],
    positions: ReadonlyMap<string, ChangelogPosition>,
    committed: ReadonlyMap<TopicPartition, OffsetAndMetadata>,
  ): Promise<string | undefined> {
    for (const storeName of storeNames) {
      const topic = plan.subtopology.topology.changelogTopics.get(storeName)!
      const position = positions.get(storeName)
      if (position === undefined) return `it does not have store '${storeName}'`
      const state = await changelogState(this.#admin, plan, storeName, topic, committed)
      const reason = await whyInvalid(this.#admin, this.#time.now(), state, position)
      if (reason !== undefined) return `store '${storeName}', changelog ${partitionName(state.partition)}: ${reason}`
    }
    return undefined
  }

  /** Closes the consumer. */
  close(): Promise<void> {
    return this.#consumer.close()
  }

  /** Forgets a task that is closed. */
  unregister(active: ActiveTask): void {
    for (const [name, restoration] of this.#restorations) {
      if (restoration.active !== active) continue
      this.#restorations.delete(name)
      const { store, isStandby, restored } = restoration
      if (!isStandby) this.#listener.onRestoreSuspended?.(store.changelog, store.storeName, restored)
    }
    this.#sinceCommit.delete(active)
    this.#assign()
  }

  /** Ends the following of a standby task's changelogs, with a last write of its engine. */
  async unregisterStandby(active: ActiveTask, reason: StandbySuspendReason): Promise<void> {
    for (const { active: owner, store } of this.#restorations.values()) {
      if (owner !== active) continue
      const { changelog, storeName, offset } = store
      this.#standbyListener.onUpdateSuspended?.(changelog, storeName, offset, this.#endOf(changelog), reason)
    }
    const isDirty = this.#sinceCommit.has(active)
    this.unregister(active)
    await active.storeCommit
    active.storeCommit = undefined
    if (isDirty) await this.#commit(active)
  }

  /** Up to where a copy of a source topic may go from now on: the committed offset. */
  limitStandby(active: ActiveTask, committed: ReadonlyMap<TopicPartition, OffsetAndMetadata>): void {
    let hasMoved = false
    for (const restoration of this.#restorations.values()) {
      const { changelog, isSource } = restoration.store
      if (restoration.active !== active || !isSource) continue
      const limit = committedOffsetOf(committed, changelog)
      if (limit <= restoration.endOffset) continue
      restoration.endOffset = limit
      hasMoved = true
    }
    if (hasMoved) this.#assign()
  }

  /** Reads once for the standby copies, unless stores are being restored, and now and then writes their engines. */
  async updateStandbys(): Promise<void> {
    if (this.#restorations.size === 0 || !this.isIdle) return
    await this.#read(0)
    const now = this.#time.now()
    const isDue = now - this.#lastStandbyCommitMs >= standbyCommitMs
    if (isDue) this.#lastStandbyCommitMs = now
    for (const active of this.#sinceCommit.keys()) {
      if ((isDue || this.#isMuch(active)) && !this.#committing.has(active)) await this.#beginCommit(active)
    }
  }

  /** Reads once and applies what came; gives the tasks that are complete now. Waits up to `timeoutMs` for records. */
  async restore(timeoutMs: number): Promise<readonly ActiveTask[]> {
    const touched = await this.#read(timeoutMs)
    const complete: ActiveTask[] = []
    let changed = false
    for (const [name, { active, store, isStandby, endOffset, restored }] of this.#restorations) {
      if (isStandby || store.offset < endOffset) continue
      this.#restorations.delete(name)
      this.#listener.onRestoreEnd?.(store.changelog, store.storeName, restored)
      touched.add(active)
      changed = true
    }
    for (const active of touched) {
      if (this.#isStandby(active)) continue
      if (this.isRestoring(active)) {
        if (this.#isMuch(active)) await this.#beginCommit(active)
        continue
      }
      complete.push(active)
      await active.storeCommit
      active.storeCommit = undefined
      await this.#commit(active)
    }
    if (changed) this.#assign()
    return complete
  }

  async #read(timeoutMs: number): Promise<Set<ActiveTask>> {
    const touched = new Set<ActiveTask>()
    let hasPassedLimit = false
    for (const polled of await this.#poll(timeoutMs)) {
      const restoration = this.#restorations.get(partitionName(polled))
      if (restoration === undefined) continue
      this.#apply(restoration, polled)
      touched.add(restoration.active)
      if (restoration.isStandby && polled.nextOffset > restoration.endOffset) hasPassedLimit = true
    }
    // What was read too early is read again when more is committed.
    if (hasPassedLimit) this.#assign()
    return touched
  }

  async #poll(timeoutMs: number): Promise<readonly PartitionRecords[]> {
    try {
      return await this.#consumer.poll(timeoutMs)
    } catch (error) {
      if (!(error instanceof OffsetOutOfRangeError)) throw error
      for (const partition of error.partitions) await this.#beginAnew(partition)
      return []
    }
  }

  /** A changelog does not have the next record of its store any more: what it had in between is not known, so the store is rebuilt. */
  async #beginAnew(changelog: TopicPartition): Promise<void> {
    const restoration = this.#restorations.get(partitionName(changelog))
    if (restoration === undefined) return
    const { active, store } = restoration
    const earliest = (await this.#admin.earliestOffsets([changelog])).get(changelog)!
    this.#logger.warn(
      `Task ${active.plan.id}: store '${store.storeName}' is rebuilt from ${partitionName(changelog)}: its position ${store.offset} was deleted (the log starts at ${earliest}).`,
    )
    await active.storeCommit
    await active.engine.wipe(store.storeName)
    store.offset = earliest
    this.#consumer.seek(changelog, earliest)
  }

  #apply(restoration: Restoration, polled: PartitionRecords): void {
    const { active, store, isStandby, endOffset } = restoration
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
      if (record.key !== null) target.restore(record.key, record.value, record.timestamp, record.headers)
      count += 1
    }
    store.offset = Math.min(polled.nextOffset, endOffset)
    restoration.restored += count
    this.#sinceCommit.set(active, (this.#sinceCommit.get(active) ?? 0) + count)
    const { changelog, storeName, offset } = store
    if (!isStandby) this.#listener.onBatchRestored?.(changelog, storeName, offset, count)
    else if (count > 0) {
      this.#standbyListener.onBatchLoaded?.(changelog, storeName, active.plan.id, offset, count, polled.endOffset)
    }
  }

  #isStandby(active: ActiveTask): boolean {
    for (const { active: owner, isStandby } of this.#restorations.values()) if (owner === active) return isStandby
    return false
  }

  #endOf(partition: TopicPartition): number {
    try {
      return this.#consumer.endOffset(partition) ?? -1
    } catch {
      // Not read at the moment.
      return -1
    }
  }

  /** So much was applied that the engine should be written. */
  #isMuch(active: ActiveTask): boolean {
    const count = this.#sinceCommit.get(active) ?? 0
    return count >= recordsPerStoreCommit || active.engine.uncommittedBytes() >= bytesPerStoreCommit
  }

  /**
   * Begins to write the engine, once the write before has ended: records are applied meanwhile. The next write, or the end of the
   * restore or of the copy, hears of a failure.
   */
  async #beginCommit(active: ActiveTask): Promise<void> {
    await active.storeCommit
    this.#committing.add(active)
    const commit = this.#commit(active)
    active.storeCommit = commit
    commit.catch(() => {}).finally(() => this.#committing.delete(active))
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
    changelog: ChangelogState,
    local: ChangelogPosition | undefined,
  ): Promise<void> {
    const reason = local === undefined ? undefined : await whyInvalid(this.#admin, this.#time.now(), changelog, local)
    if (local !== undefined && reason === undefined) {
      store.offset = local.offset
      return
    }
    if (reason !== undefined) {
      const name = partitionName(changelog.partition)
      this.#logger.warn(`Task ${active.plan.id}: store '${store.storeName}' is rebuilt from ${name}: ${reason}.`)
    }
    await active.engine.wipe(store.storeName)
    store.offset = changelog.earliest
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
      (input) => (lastCommit.inputOffsets.get(partitionName(input)) ?? 0) === committedOffsetOf(committed, input),
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
    const isIdle = this.isIdle
    const restorations = [...this.#restorations.values()].filter(
      ({ isStandby, store, endOffset }) => isStandby === isIdle && store.offset < endOffset,
    )
    this.#consumer.assign(restorations.map(({ store }) => store.changelog))
    for (const { store } of restorations) this.#consumer.seek(store.changelog, store.offset)
  }
}
