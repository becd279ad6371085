import {
  type ChangelogPosition,
  type Keyspace,
  type KeyspaceSource,
  memoryEngine,
  type StateEngine,
  type StoreCommit,
} from '@millrace/state-stores'
import type { StateStore } from '../state/state-store.ts'

/**
 * The engine of one task: its persistent stores on the one given, its in-memory stores on another; both commit and discard
 * together. In-memory stores have no committed position, so that they are restored from the start.
 */
export function taskEngine(persistent: StateEngine | undefined, stores: readonly StateStore[]): StateEngine {
  const inMemory = new Set(stores.filter((store) => !store.persistent).map((store) => store.name))
  if (persistent === undefined) return memoryEngine()
  return inMemory.size === 0 ? persistent : new SplitEngine(persistent, inMemory)
}

class SplitEngine implements StateEngine {
  readonly persistent = true
  readonly #durable: StateEngine
  readonly #volatile = memoryEngine()
  readonly #inMemory: ReadonlySet<string>

  constructor(durable: StateEngine, inMemory: ReadonlySet<string>) {
    this.#durable = durable
    this.#inMemory = inMemory
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
    const changelogOffsets = new Map<string, ChangelogPosition>()
    for (const [storeName, position] of commit.changelogOffsets) {
      if (!this.#inMemory.has(storeName)) changelogOffsets.set(storeName, position)
    }
    const durable = this.#durable.commit({ ...commit, changelogOffsets })
    await Promise.all([durable, this.#volatile.commit(commit)])
  }

  discard(): void {
    this.#durable.discard()
    this.#volatile.discard()
  }

  lastCommit(): StoreCommit | undefined {
    const durable = this.#durable.lastCommit()
    const volatile = this.#volatile.lastCommit()
    if (durable === undefined || volatile === undefined) return durable
    const changelogOffsets = new Map([...volatile.changelogOffsets, ...durable.changelogOffsets])
    return { ...durable, changelogOffsets }
  }

  wipe(storeName: string): Promise<void> {
    return this.#of(storeName).wipe(storeName)
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
