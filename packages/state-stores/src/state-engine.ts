import type { RangeSource, SkippingIterator } from './range-source.ts'

/**
 * What a range over a keyspace gives. Keys are those of the moment when the range began; values are read as the walk comes to
 * them, and keys removed in between are passed over.
 */
export type KeyspaceIterator = SkippingIterator<Uint8Array>

/**
 * An ordered map of bytes: what one store keeps. Keys are ordered by unsigned bytes. Bytes handed in or out are never
 * changed by either side afterwards.
 */
export interface Keyspace extends RangeSource<Uint8Array> {
  readonly name: string
  /**
   * The largest timestamp that the store has seen, Unix ms; −1 at first. Belongs to the data: kept with each commit and taken
   * back by a discard, so that expiry goes on after a restart where it was. (Java forgets it, and shows expired rows again.)
   */
  streamTime: number
  /** The sequence number that a store with duplicates gave last; 0 at first. Kept and taken back as `streamTime` is. */
  sequence: number
  /** How many discards there were: a store that remembers something about its entries forgets it when this changes. */
  readonly discards: number
  get(key: Uint8Array): Uint8Array | null
  /** Null removes the key. Visible to reads at once; durable only with the engine's next {@link StateEngine.commit}. */
  put(key: Uint8Array, value: Uint8Array | null): void
  /**
   * Puts what a changelog holds, and so is committed: a discard may leave it. For keys without uncommitted writes. Absent: restoring
   * uses `put`.
   */
  restore?(key: Uint8Array, value: Uint8Array | null): void
  /** Entries with `from <= key <= to` (null: open end), ascending or, with `reverse`, descending. Sees the keys as of now. */
  range(from: Uint8Array | null, to: Uint8Array | null, reverse?: boolean): KeyspaceIterator
  /** Removes all entries with `from <= key < to` (null: open end). Used to drop an expired segment. */
  deleteRange(from: Uint8Array | null, to: Uint8Array | null): void
  /** The number of entries; may be an estimate. */
  approximateNumEntries(): number
}

/** What a commit records beside the data, so that local state can be judged after a restart. */
export interface StoreCommit {
  /** By store name: the changelog offset up to which (exclusive) the data includes the changelog. */
  readonly changelogOffsets: ReadonlyMap<string, ChangelogPosition>
  /** By `topic-partition` of the task's inputs: the next offset to read. */
  readonly inputOffsets: ReadonlyMap<string, number>
}

/** Where in a changelog a store stands, with what is needed to tell whether the changelog is still the same one. */
export interface ChangelogPosition {
  readonly offset: number
  /** Kafka's topic id as text. */
  readonly topicId: string
  readonly leaderEpoch: number
  /** Unix ms of the commit. */
  readonly timestamp: number
}

/** Where a bytes store finds its keyspace: an engine, or the committed view of one. */
export interface KeyspaceSource {
  keyspace(storeName: string): Keyspace
}

/**
 * Where all the bytes of one task's stores live. Three layers (DESIGN.md, decision 2), of which this port holds the lower two:
 * the uncommitted overlay of the running transaction, and the committed data.
 *
 * | call | effect |
 * |---|---|
 * | `Keyspace.put` | into the overlay; visible to the task's reads at once |
 * | `commit(c)` | overlay and `c` become durable as one atomic batch; resolves when written. Puts that follow belong to the next one |
 * | `discard()` | the overlay is forgotten (an aborted transaction) |
 *
 * One thread of control (the task) uses it; `commit` may still be running while new puts come in.
 */
export interface StateEngine extends KeyspaceSource {
  /** True when data survives `close`. */
  readonly persistent: boolean
  /** Opens, or gives again, the keyspace of a store. */
  keyspace(storeName: string): Keyspace
  /**
   * The committed layers only: keyspaces that read what the last commit left, and refuse writes. Bytes stores opened over this
   * view answer queries from outside under exactly-once.
   */
  committed(): KeyspaceSource
  commit(commit: StoreCommit): Promise<void>
  discard(): void
  /** What the last durable commit recorded; undefined when there was none. */
  lastCommit(): StoreCommit | undefined
  /** Removes all data of one store, durably (before a rebuild). */
  wipe(storeName: string): Promise<void>
  /**
   * Runs a read from outside of the task that may range over more keys than are in memory: these are fetched first, without
   * holding the thread, and kept for this read only. `read` is called until all that it needs is there, each time from its
   * beginning; `expected` is how many entries it will take. Absent: all keys are in memory.
   */
  readAhead?<R>(storeName: string, expected: number, read: () => R): Promise<R>
  /** Iterators over keyspaces that were neither closed nor walked to their end (the metric `num-open-iterators`). */
  openIterators(): number
  /** Bytes held in memory by overlays and indexes. */
  memoryBytes(): number
  /** Bytes in the overlay only: `statestore.uncommitted.max.bytes` is compared with it. */
  uncommittedBytes(): number
  close(): Promise<void>
}

/** An engine that can be copied while it works. */
export interface SnapshottingEngine extends StateEngine {
  /**
   * Makes a consistent copy of the last commit, with its offsets, at `target`, which must not exist and appears when complete.
   * @throws StoreDirectoryError when something is at `target` already.
   */
  snapshot(target: string): Promise<void>
}
