import type { ChangelogPosition, StateEngine } from '@millrace/state-stores'
import type { Admin } from '../clients/admin.ts'
import type { TopicPartition } from '../clients/consumer.ts'
import { partitionName } from '../clients/partition-name.ts'
import type { StateStore } from '../state/state-store.ts'
import type { StreamsConfig } from '../streams-config.ts'
import type { Time } from '../time.ts'
import type { ProcessorTopology } from '../topology/processor-topology.ts'
import { type ChangelogState, changelogStateOf, whyInvalid } from './changelog-position.ts'
import { type GlobalEngine, type GlobalPositions, openGlobalEngine } from './global-engine.ts'
import type { StateDirectory } from './state-directory.ts'
import type { StateEngineFactory } from './task-manager.ts'
import { type TaskSnapshots, taskSnapshots } from './task-snapshots.ts'

/** ms between two writes of the global stores, at least. */
const commitMs = 1000
/** Names the state in its directory and in snapshots. */
const taskId = 'global'

/** What global state is kept with. */
export interface GlobalStateOptions {
  readonly topology: ProcessorTopology
  readonly config: StreamsConfig
  readonly admin: Admin
  readonly time: Time
  readonly stateDirectory: StateDirectory
  readonly openEngine: StateEngineFactory
  /** Names the instance among those that make snapshots of the same stores. */
  readonly processId: string
}

/**
 * The engine of the global stores, and how far it has read their topics: one batch holds data and offsets, by topic and partition.
 * Persistent stores go on from there at the next start, by the rules that hold for changelogs. Stores without valid local state, as
 * those in memory always are, go on from the newest snapshot where there are any. A topic begins anew that fills stores which do not
 * stand at the same place.
 */
export class GlobalState {
  readonly engine: StateEngine
  readonly #options: GlobalStateOptions
  readonly #found: GlobalEngine
  readonly #snapshots: TaskSnapshots | undefined
  readonly #storesOf: ReadonlyMap<string, readonly StateStore[]>
  readonly #topics = new Map<string, ChangelogState>()
  #commit: Promise<void> | undefined
  #lastCommitMs: number

  private constructor(
    options: GlobalStateOptions,
    stores: readonly StateStore[],
    found: GlobalEngine,
    snapshots: TaskSnapshots | undefined,
  ) {
    this.#options = options
    this.#found = found
    this.#snapshots = snapshots
    this.engine = found.engine
    this.#storesOf = storesByTopic(options.topology, stores)
    this.#lastCommitMs = options.time.now()
  }

  /** Opens what the last run left. @throws StoreCorruptError never: what cannot be read is filled anew */
  static async open(options: GlobalStateOptions): Promise<GlobalState> {
    const { topology, config, admin, time, stateDirectory, openEngine, processId } = options
    const { applicationId, logger } = config
    const stores = topology.stores.map((builder) => builder.build())
    const directory = stateDirectory.globalDirectory
    const topics = [...storesByTopic(topology, stores).keys()]
    const snapshots = taskSnapshots(config, time)
    const found = await openGlobalEngine({
      stores,
      directory,
      openPersistent: () => openEngine(directory, { applicationId, taskId }),
      snapshots: snapshots?.open(taskId, processId) ?? [],
      whyUnusable: (positions) => whyUnusable(admin, time.now(), topics, positions),
      logger,
    })
    return new GlobalState(options, stores, found, snapshots)
  }

  /** Where to read on in each partition; stores whose data cannot be used are empty then. */
  async startOffsets(partitions: readonly TopicPartition[]): Promise<ReadonlyMap<TopicPartition, number>> {
    const { admin, time, config } = this.#options
    const anew = new Set<string>()
    const offsets = new Map<TopicPartition, number>()
    for (const partition of partitions) {
      const state = await changelogStateOf(admin, partition)
      this.#topics.set(partitionName(partition), state)
      const position = this.#positionOf(partition)
      if (position === 'apart') {
        anew.add(partition.topic)
        continue
      }
      const reason = position === undefined ? undefined : await whyInvalid(admin, time.now(), state, position)
      if (reason !== undefined) {
        config.logger.warn(
          `The global stores of topic '${partition.topic}' are filled anew from ${partitionName(partition)}: ${reason}.`,
        )
      }
      if (reason !== undefined) anew.add(partition.topic)
      offsets.set(partition, position?.offset ?? state.earliest)
    }
    await this.#wipe(anew)
    for (const partition of partitions) {
      if (anew.has(partition.topic)) offsets.set(partition, this.#topics.get(partitionName(partition))!.earliest)
    }
    return offsets
  }

  /** Up to where all stores that the partition fills have read it; undefined: they have not; apart: not all to the same place. */
  #positionOf(partition: TopicPartition): ChangelogPosition | 'apart' | undefined {
    const name = partitionName(partition)
    const { persistent, memory } = this.#found
    const stores = this.#storesOf.get(partition.topic)!
    const positions = stores.map((store) => (store.persistent ? persistent : memory).get(name))
    const [first] = positions
    return positions.every((position) => position?.offset === first?.offset) ? first : 'apart'
  }

  /** Writes the stores with these positions, now and then, or at once with `isLast`. Does not wait for it, unless it is the last. */
  async maybeCommit(positions: () => ReadonlyMap<TopicPartition, number>, isLast: boolean): Promise<void> {
    const now = this.#options.time.now()
    if (!isLast && now - this.#lastCommitMs < commitMs) return
    this.#lastCommitMs = now
    await this.#commit
    const changelogOffsets = new Map<string, ChangelogPosition>()
    for (const [partition, offset] of positions()) {
      const { topicId, leaderEpoch } = this.#topics.get(partitionName(partition))!
      changelogOffsets.set(partitionName(partition), { offset, topicId, leaderEpoch, timestamp: now })
    }
    const commit = { changelogOffsets, inputOffsets: new Map() }
    this.#commit = this.engine.commit(commit)
    // Awaited by the next one; this keeps a failure from being unheard until then.
    this.#commit.catch(() => {})
    this.#snapshots?.afterCommit(taskId, this.engine, commit)
    if (isLast) await this.#commit
  }

  async close(): Promise<void> {
    await this.#commit?.catch(() => {})
    await this.#snapshots?.close(taskId)
    this.engine.discard()
    await this.engine.close()
  }

  /** Empties the stores that the topics fill; what else fills one of these begins anew too. */
  async #wipe(topics: Set<string>): Promise<void> {
    const stores = new Set<StateStore>()
    for (let before = -1; before !== topics.size; ) {
      before = topics.size
      for (const topic of topics) for (const store of this.#storesOf.get(topic)!) stores.add(store)
      for (const [topic, own] of this.#storesOf) if (own.some((store) => stores.has(store))) topics.add(topic)
    }
    for (const { name } of stores) await this.engine.wipe(name)
  }
}

/** Why global stores cannot go on from these positions; undefined: they can. */
async function whyUnusable(
  admin: Admin,
  nowMs: number,
  topics: readonly string[],
  positions: GlobalPositions,
): Promise<string | undefined> {
  for (const { name: topic, partitions } of (await admin.describeTopics(topics)).values()) {
    for (let number = 0; number < partitions; number += 1) {
      const partition = { topic, partition: number }
      const position = positions.get(partitionName(partition))
      if (position === undefined) continue
      const reason = await whyInvalid(admin, nowMs, await changelogStateOf(admin, partition), position)
      if (reason !== undefined) return `${partitionName(partition)}: ${reason}`
    }
  }
  return undefined
}

/** The stores that a topic's records reach. */
function storesByTopic(
  topology: ProcessorTopology,
  stores: readonly StateStore[],
): ReadonlyMap<string, readonly StateStore[]> {
  const nodes = new Map(topology.nodes.map((node) => [node.name, node]))
  const found = new Map<string, readonly StateStore[]>()
  for (const source of topology.nodes) {
    if (source.kind !== 'source') continue
    const names = new Set<string>()
    const open = [...source.children]
    for (let name = open.pop(); name !== undefined; name = open.pop()) {
      const node = nodes.get(name)!
      if (node.kind === 'processor') for (const storeName of node.storeNames) names.add(storeName)
      if ('children' in node) open.push(...node.children)
    }
    const own = stores.filter((store) => names.has(store.name))
    for (const topic of source.topics) found.set(topic, [...(found.get(topic) ?? []), ...own])
  }
  return found
}
