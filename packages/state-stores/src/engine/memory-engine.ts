import type { Keyspace, KeyspaceSource, StateEngine, StoreCommit } from '../state-engine.ts'
import { MemoryKeyspace } from './memory-keyspace.ts'

/** An engine whose data lives in memory and ends with the process; a restart restores it from the changelogs. */
export function memoryEngine(): StateEngine {
  return new MemoryEngine()
}

class MemoryEngine implements StateEngine {
  readonly persistent = false
  readonly #keyspaces = new Map<string, MemoryKeyspace>()
  readonly #dirty: MemoryKeyspace[] = []
  #lastCommit: StoreCommit | undefined

  keyspace(storeName: string): Keyspace {
    return this.#open(storeName)
  }

  committed(): KeyspaceSource {
    return { keyspace: (storeName) => this.#open(storeName).committed() }
  }

  commit(commit: StoreCommit): Promise<void> {
    for (const keyspace of this.#dirty) keyspace.commit()
    this.#dirty.length = 0
    this.#lastCommit = commit
    return Promise.resolve()
  }

  discard(): void {
    for (const keyspace of this.#dirty) keyspace.discard()
    this.#dirty.length = 0
  }

  lastCommit(): StoreCommit | undefined {
    return this.#lastCommit
  }

  wipe(storeName: string): Promise<void> {
    this.#open(storeName).wipe()
    const last = this.#lastCommit
    if (last !== undefined) {
      const changelogOffsets = new Map(last.changelogOffsets)
      changelogOffsets.delete(storeName)
      this.#lastCommit = { ...last, changelogOffsets }
    }
    return Promise.resolve()
  }

  openIterators(): number {
    let count = 0
    for (const keyspace of this.#keyspaces.values()) count += keyspace.openIterators
    return count
  }

  memoryBytes(): number {
    let bytes = 0
    for (const keyspace of this.#keyspaces.values()) bytes += keyspace.memoryBytes
    return bytes
  }

  uncommittedBytes(): number {
    let bytes = 0
    for (const keyspace of this.#dirty) bytes += keyspace.uncommittedBytes
    return bytes
  }

  close(): Promise<void> {
    this.#keyspaces.clear()
    this.#dirty.length = 0
    this.#lastCommit = undefined
    return Promise.resolve()
  }

  #open(storeName: string): MemoryKeyspace {
    let keyspace = this.#keyspaces.get(storeName)
    if (keyspace === undefined) {
      keyspace = new MemoryKeyspace(storeName, (dirty) => this.#dirty.push(dirty))
      this.#keyspaces.set(storeName, keyspace)
    }
    return keyspace
  }
}
