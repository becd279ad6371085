import type { ChangelogPosition, StoreCommit } from '@millrace/state-stores'
import type { Admin } from '../clients/admin.ts'
import type { Consumer, OffsetAndMetadata, PartitionRecords, TopicPartition } from '../clients/consumer.ts'
import { StreamsConfigError } from '../errors.ts'
import type { Logger } from '../logger.ts'
import type { Time } from '../time.ts'
import { type ActiveTask, changelogPositions, type LoggedStore } from './active-task.ts'
import { type ChangelogState, changelogState, committedOffsetOf, whyInvalid } from './changelog-position.ts'
import type { TaskPlan } from './partition-plan.ts'

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
 * only (`whyInvalid` says when that is). Else the store is wiped and restored from the start, and that is logged.
 * @see org.apache.kafka.streams.processor.internals.StoreChangelogReader
 */
export class ChangelogReader {
  readonly #consumer: Consumer
  readonly #admin: Admin
  readonly #listener: StateRestoreListener
  readonly #logger: Logger
  readonly #time: Time
  readonly #restorations = new Map<string, Restoration>()
  readonly #sinceCommit = new Map<ActiveTask, number>()

  constructor(options: {
    readonly consumer: Consumer
    readonly admin: Admin
    readonly listener: StateRestoreListener
    readonly logger: Logger
    readonly time: Time
  }) {
    this.#consumer = options.consumer
    this.#admin = options.admin
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
      const state = await changelogState(this.#admin, active.plan, storeName, topic, committed)
      const { partition: changelog, isSource, topicId, leaderEpoch, endOffset } = state
      const store = { storeName, changelog, isSource, topicId, leaderEpoch, offset: 0 }
      await this.#locate(active, store, state, lastCommit?.changelogOffsets.get(storeName))
      stores.push(store)
      if (store.offset >= endOffset) continue
      this.#restorations.set(nameOf(changelog), { active, store, endOffset, restored: 0 })
      this.#listener.onRestoreStart?.(changelog, storeName, store.offset, endOffset)
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
      if (reason !== undefined) return `store '${storeName}', changelog ${nameOf(state.partition)}: ${reason}`
    }
    return undefined
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
    changelog: ChangelogState,
    local: ChangelogPosition | undefined,
  ): Promise<void> {
    const reason = local === undefined ? undefined : await whyInvalid(this.#admin, this.#time.now(), changelog, local)
    if (local !== undefined && reason === undefined) {
      store.offset = local.offset
      return
    }
    if (reason !== undefined) {
      const name = nameOf(changelog.partition)
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

function nameOf({ topic, partition }: TopicPartition): string {
  return `${topic}-${partition}`
}
