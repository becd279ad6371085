/**
 * What the engine needs of a file system. Two adapters: `nodeFileSystem` and `memoryFileSystem()`.
 *
 * Calls block, except those that return promises. Faults are thrown as Node's system errors are: an `Error` with `code`
 * (`ENOENT`, `ENOSPC`, `EIO`). Paths are joined with `/`.
 */
export interface FileSystem {
  /**
   * Another number each time the machine starts, 0 when that is not known. What a dead process has written is whole for as
   * long as it stays the same.
   */
  readonly bootId: bigint
  /** Creates the directory and those above it; does nothing when it exists. */
  makeDirectory(path: string): void
  /** Names (not paths) of the entries of a directory, in no particular order. @throws ENOENT */
  list(path: string): string[]
  exists(path: string): boolean
  /** Opens for positional reads and writes, creating an empty file when there is none. */
  open(path: string): LogFile
  /** The whole content. @throws ENOENT */
  readFile(path: string): Uint8Array
  /** Atomically puts `from` in the place of `to`. */
  rename(from: string, to: string): void
  /** Removes a file, or a directory with all it holds; does nothing when there is none. */
  remove(path: string): void
  /** Settles when created, renamed and removed names in this directory survive a loss of power. */
  syncDirectory(path: string): Promise<void>
  /** Returns when the file's content and length, and all names in its directory, survive a loss of power. Blocks. */
  settle(path: string): void
  /**
   * Takes the directory for this engine until the returned function is called, or the process ends.
   * @throws EngineError LOG_DIRECTORY_LOCKED when a living process holds it
   */
  lock(directory: string): () => void
}

/** An open file. */
export interface LogFile {
  /** Bytes. */
  size(): number
  /** Reads up to `length` bytes at `position` into `target` at `start`; returns how many, fewer only at the file's end. */
  read(target: Uint8Array, start: number, length: number, position: number): number
  /** Writes all of `bytes` at `position`, or throws; after a throw any prefix may have been written. */
  write(bytes: Uint8Array, position: number): void
  truncate(size: number): void
  /** fdatasync: settles when all that was written before the call survives a loss of power. */
  sync(): Promise<void>
  /** A sync under way is let finish. */
  close(): void
}
