import {
  type ChangelogPosition,
  type Keyspace,
  type KeyspaceSource,
  memoryEngine,
  type StateEngine,
  type StoreCommit,
} from '@millrace/state-stores'
import type { StateStore } from '../state/state-store.ts'
import type { SnapshotPart } from './snapshot-directory.ts'

/**
 * The engine of one task: its persistent stores on one, its in-memory stores on another; both commit and discard together.
 * Undefined: the task has no stores of that kind.
 */
export function taskEngine(
  persistent: StateEngine | undefined,
  memory: StateEngine | undefined,
  stores: readonly StateStore[],
): StateEngine {
  if (persistent === undefined) return memory ?? memoryEngine()
  return memory === undefined ? persistent : new SplitEngine(persistent, memory, inMemoryNames(stores))
}

/** The engines that a {@link taskEngine} is made of, by the kind of their stores. */
export function enginesOf(engine: StateEngine): readonly (readonly [SnapshotPart, StateEngine])[] {
  if (engine instanceof SplitEngine) return engine.engines
  return [[engine.persistent ? 'persistent' : 'memory', engine]]
}

function inMemoryNames(stores: readonly StateStore[]): ReadonlySet<string> {
  return new Set(stores.filter((store) => !store.persistent).map((store) => store.name))
}

class SplitEngine implements StateEngine {
  readonly persistent = true
  readonly #durable: StateEngine
  readonly #volatile: StateEngine
  readonly #inMemory: ReadonlySet<string>

  constructor(durable: StateEngine, volatile: StateEngine, inMemory: ReadonlySet<string>) {
    this.#durable = durable
    this.#volatile = volatile
    this.#inMemory = inMemory
  }

  get engines(): readonly (readonly [SnapshotPart, StateEngine])[] {
    return [
      ['persistent', this.#durable],
      ['memory', this.#volatile],
    ]
  }

  keyspace(storeName: string): Keyspace {
    return this.#of(storeName).keyspace(storeName)
  }

  committed(): KeyspaceSource {
    const durable = this.#durable.committed()
    const volatile = this.#volatile.committed()
    return {
      keyspace: (storeName) => (this.#inMemory.has(storeName) ? volatile : durable).keyspace(storeName),
    }
  }

  async commit(commit: StoreCommit): Promise<void> {
    const durable = new Map<string, ChangelogPosition>()
    const volatile = new Map<string, ChangelogPosition>()
    for (const [storeName, position] of commit.changelogOffsets) {
      const side = this.#inMemory.has(storeName) ? volatile : durable
      side.set(storeName, position)
    }
    await Promise.all([
      this.#durable.commit({ ...commit, changelogOffsets: durable }),
      this.#volatile.commit({ ...commit, changelogOffsets: volatile }),
    ])
  }

  discard(): void {
    this.#durable.discard()
    this.#volatile.discard()
  }

  lastCommit(): StoreCommit | undefined {
    const durable = this.#durable.lastCommit()
    const volatile = this.#volatile.lastCommit()
    if (durable === undefined || volatile === undefined) return durable ?? volatile
    const changelogOffsets = new Map([...volatile.changelogOffsets, ...durable.changelogOffsets])
    return { ...durable, changelogOffsets }
  }

  wipe(storeName: string): Promise<void> {
    return this.#of(storeName).wipe(storeName)
  }

  readAhead<R>(storeName: string, expected: number, read: () => R): Promise<R> {
    const engine = this.#of(storeName)
    return engine.readAhead?.(storeName, expected, read) ?? new Promise((resolve) => resolve(read()))
  }

  openIterators(): number {
    return this.#durable.openIterators() + this.#volatile.openIterators()
  }

  memoryBytes(): number {
    return this.#durable.memoryBytes() + this.#volatile.memoryBytes()
  }

  uncommittedBytes(): number {
    return this.#durable.uncommittedBytes() + this.#volatile.uncommittedBytes()
  }

  async close(): Promise<void> {
    await Promise.all([this.#durable.close(), this.#volatile.close()])
  }

  #of(storeName: string): StateEngine {
    return this.#inMemory.has(storeName) ? this.#volatile : this.#durable
  }
}
