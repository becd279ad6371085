import { type ChangelogPosition, memoryEngine, type StateEngine } from '@millrace/state-stores'
import type { Admin } from '../clients/admin.ts'
import type { TopicPartition } from '../clients/consumer.ts'
import type { StateStore } from '../state/state-store.ts'
import type { StreamsConfig } from '../streams-config.ts'
import type { Time } from '../time.ts'
import type { ProcessorTopology } from '../topology/processor-topology.ts'
import { type ChangelogState, changelogStateOf, whyInvalid } from './changelog-position.ts'
import type { StateDirectory } from './state-directory.ts'
import { taskEngine } from './task-engine.ts'
import type { StateEngineFactory } from './task-manager.ts'

/** ms between two writes of the global stores, at least. */
const commitMs = 1000

/** What global state is kept with. */
export interface GlobalStateOptions {
  readonly topology: ProcessorTopology
  readonly config: StreamsConfig
  readonly admin: Admin
  readonly time: Time
  readonly stateDirectory: StateDirectory
  readonly openEngine: StateEngineFactory
}

/**
 * The engine of the global stores, and how far it has read their topics: one batch holds data and offsets, by topic and partition.
 * Persistent stores go on from there at the next start, by the rules that hold for changelogs; stores in memory, and topics that also
 * fill one, begin anew.
 */
export class GlobalState {
  readonly engine: StateEngine
  readonly #options: GlobalStateOptions
  readonly #isPersistent: boolean
  readonly #storesOf: ReadonlyMap<string, readonly StateStore[]>
  readonly #topics = new Map<string, ChangelogState>()
  #commit: Promise<void> | undefined
  #lastCommitMs: number

  private constructor(options: GlobalStateOptions, stores: readonly StateStore[], persistent: StateEngine | undefined) {
    this.#options = options
    this.#isPersistent = persistent !== undefined
    const hasMemory = stores.some((store) => !store.persistent)
    this.engine = taskEngine(persistent, hasMemory ? memoryEngine() : undefined, stores)
    this.#storesOf = storesByTopic(options.topology, stores)
    this.#lastCommitMs = options.time.now()
  }

  /** Opens what the last run left. @throws StoreCorruptError never: what cannot be read is filled anew */
  static async open(options: GlobalStateOptions): Promise<GlobalState> {
    const { topology, config, stateDirectory, openEngine } = options
    const stores = topology.stores.map((builder) => builder.build())
    const owner = { applicationId: config.applicationId, taskId: 'global' }
    const isPersistent = stores.some((store) => store.persistent)
    const engine = isPersistent ? await openEngine(stateDirectory.globalDirectory, owner) : undefined
    return new GlobalState(options, stores, engine)
  }

  /** Where to read on in each partition; stores whose data cannot be used are empty then. */
  async startOffsets(partitions: readonly TopicPartition[]): Promise<ReadonlyMap<TopicPartition, number>> {
    const { admin, time, config } = this.#options
    const local = this.engine.lastCommit()?.changelogOffsets ?? new Map<string, ChangelogPosition>()
    const anew = new Set<string>()
    for (const partition of partitions) {
      const state = await changelogStateOf(admin, partition)
      this.#topics.set(nameOf(partition), state)
      const position = local.get(nameOf(partition))
      const isKept = this.#storesOf.get(partition.topic)!.every((store) => store.persistent)
      const reason = position === undefined ? undefined : await whyInvalid(admin, time.now(), state, position)
      if (reason !== undefined && isKept) {
        config.logger.warn(
          `The global stores of topic '${partition.topic}' are filled anew from ${nameOf(partition)}: ${reason}.`,
        )
      }
      if (!isKept || reason !== undefined) anew.add(partition.topic)
    }
    await this.#wipe(anew)
    return new Map(
      partitions.map((partition) => {
        const { earliest } = this.#topics.get(nameOf(partition))!
        return [partition, anew.has(partition.topic) ? earliest : (local.get(nameOf(partition))?.offset ?? earliest)]
      }),
    )
  }

  /** Writes the stores with these positions, now and then, or at once with `isLast`. Does not wait for it, unless it is the last. */
  async maybeCommit(positions: () => ReadonlyMap<TopicPartition, number>, isLast: boolean): Promise<void> {
    const now = this.#options.time.now()
    if (!this.#isPersistent || (!isLast && now - this.#lastCommitMs < commitMs)) return
    this.#lastCommitMs = now
    await this.#commit
    const changelogOffsets = new Map<string, ChangelogPosition>()
    for (const [partition, offset] of positions()) {
      const { topicId, leaderEpoch } = this.#topics.get(nameOf(partition))!
      changelogOffsets.set(nameOf(partition), { offset, topicId, leaderEpoch, timestamp: now })
    }
    this.#commit = this.engine.commit({ changelogOffsets, inputOffsets: new Map() })
    // Awaited by the next one; this keeps a failure from being unheard until then.
    this.#commit.catch(() => {})
    if (isLast) await this.#commit
  }

  async close(): Promise<void> {
    await this.#commit?.catch(() => {})
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

function nameOf({ topic, partition }: TopicPartition): string {
  return `${topic}-${partition}`
}
