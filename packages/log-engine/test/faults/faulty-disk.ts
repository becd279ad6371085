import type { FileSystem, LogFile } from '../../src/file-system.ts'
import { FaultyContent } from './faulty-content.ts'
import type { Random } from './random.ts'

type Entries = Map<string, FaultyContent | FaultyDirectory>

/** The names in one directory: as programs see them, and as far as they are sure to survive a loss of power. */
class FaultyDirectory {
  current: Entries = new Map()
  readonly #durable: Entries = new Map()
  #pending: { readonly change: (entries: Entries) => void; readonly isRemoval: boolean }[] = []

  change(change: (entries: Entries) => void, isRemoval: boolean): void {
    change(this.current)
    this.#pending.push({ change, isRemoval })
  }

  settle(): void {
    for (const { change } of this.#pending) change(this.#durable)
    this.#pending = []
  }

  /** Power is lost: names become durable in order, but removals may come before what was done earlier. */
  losePower(random: Random): void {
    const isOver = { removals: false, others: false }
    for (const { change, isRemoval } of this.#pending) {
      const order = isRemoval ? 'removals' : 'others'
      if (isOver[order]) continue
      if (random.chance(0.5)) change(this.#durable)
      else isOver[order] = true
    }
    this.#pending = []
    this.current = new Map(this.#durable)
  }
}

/** The machine is gone; every call on an open file system says so. */
export class CrashError extends Error {
  readonly code = 'EIO'
}

/**
 * A disk that a seed makes fail. Writes are seen at once and durable after `sync`; names are durable after `syncDirectory`.
 * A loss of power keeps of the rest, per sector and per name, whatever the seed says.
 */
export class FaultyDisk {
  readonly #random: Random
  readonly #root = new FaultyDirectory()
  /** Processes that have started, and losses of power. */
  #boot = 0
  #powerLosses = 0
  #callsUntilCrash = Number.POSITIVE_INFINITY
  isCrashed = false
  /** Bytes that can still be written. */
  space = Number.POSITIVE_INFINITY
  /** Each with this probability fails with EIO. */
  readFaults = 0
  writeFaults = 0
  syncFaults = 0

  constructor(random: Random) {
    this.#random = random
  }

  /** A process with a file system on this disk; those before it are dead. */
  start(): FileSystem {
    this.#boot++
    this.isCrashed = false
    this.#callsUntilCrash = Number.POSITIVE_INFINITY
    this.space = Number.POSITIVE_INFINITY
    return new FaultyFileSystem(this, this.#boot, BigInt(1 + this.#powerLosses))
  }

  /** The process dies at the given change of the disk from now on, within it if it is a write. */
  crashAfter(calls: number): void {
    this.#callsUntilCrash = calls
  }

  /** The process dies now; the machine goes on. */
  endProcess(): void {
    this.isCrashed = true
  }

  /** The process dies now, and of what is not durable only some survives. */
  losePower(): void {
    this.isCrashed = true
    this.#powerLosses++
    const probability = this.#random.pick([0, 0.5, 0.9, 1])
    const visit = (directory: FaultyDirectory): void => {
      directory.losePower(this.#random)
      for (const entry of directory.current.values()) {
        if (entry instanceof FaultyDirectory) visit(entry)
        else entry.losePower(this.#random, probability)
      }
    }
    visit(this.#root)
  }

  /** Paths of all files. */
  paths(): string[] {
    const visit = (path: string, { current }: FaultyDirectory): string[] =>
      [...current].flatMap(([name, entry]) =>
        entry instanceof FaultyDirectory ? visit(`${path}/${name}`, entry) : [`${path}/${name}`],
      )
    return visit('', this.#root)
  }

  /** undefined when there is no such file. */
  content(path: string): FaultyContent | undefined {
    const entry = this.entry(path)
    return entry instanceof FaultyContent ? entry : undefined
  }

  /** undefined when there is no such directory. */
  directory(path: string): FaultyDirectory | undefined {
    const entry = this.entry(path)
    return entry instanceof FaultyDirectory ? entry : undefined
  }

  entry(path: string): FaultyContent | FaultyDirectory | undefined {
    let entry: FaultyContent | FaultyDirectory | undefined = this.#root
    for (const name of path.split('/').filter((part) => part !== ''))
      entry = entry instanceof FaultyDirectory ? entry.current.get(name) : undefined
    return entry
  }

  isAlive(boot: number): boolean {
    return boot === this.#boot && !this.isCrashed
  }

  /** Changes names in the directory of a path. */
  changeNames(path: string, change: (entries: Entries, name: string) => void, isRemoval = false): void {
    this.countCall()
    const directory = this.directory(parentOf(path))
    if (directory === undefined) throw systemError('ENOENT', `no such directory, '${parentOf(path)}'`)
    directory.change((entries) => change(entries, nameOf(path)), isRemoval)
  }

  /** How many of `length` bytes get written before the disk is full, fails, or the process dies. */
  admit(length: number): { readonly written: number; readonly error?: Error } {
    if (--this.#callsUntilCrash < 0) {
      const written = Math.min(this.#random.below(length + 1), this.space)
      return { written, error: new CrashError('The process has died.') }
    }
    if (this.#random.chance(this.writeFaults)) {
      return { written: this.#random.below(length), error: systemError('EIO', 'i/o error, write') }
    }
    if (length > this.space) {
      const written = Math.max(this.space, 0)
      this.space = 0
      return { written, error: systemError('ENOSPC', 'no space left on device, write') }
    }
    this.space -= length
    return { written: length }
  }

  countCall(): void {
    if (--this.#callsUntilCrash < 0) {
      this.isCrashed = true
      throw new CrashError('The process has died.')
    }
  }

  failsToRead(): boolean {
    return this.#random.chance(this.readFaults)
  }

  failsToSync(): boolean {
    return this.#random.chance(this.syncFaults)
  }

  /** Turns of the event loop that a sync takes: few, or so many that whoever does not wait gets far. */
  syncTurns(): number {
    return this.#random.below(this.#random.chance(0.2) ? 40 : 4)
  }
}

class FaultyFileSystem implements FileSystem {
  readonly bootId: bigint
  readonly #disk: FaultyDisk
  readonly #boot: number

  constructor(disk: FaultyDisk, boot: number, bootId: bigint) {
    this.#disk = disk
    this.#boot = boot
    this.bootId = bootId
  }

  makeDirectory(path: string): void {
    this.#assertAlive()
    for (let end = path.indexOf('/', 1); ; end = path.indexOf('/', end + 1)) {
      const part = end < 0 ? path : path.slice(0, end)
      if (this.#disk.entry(part) === undefined) {
        const made = new FaultyDirectory()
        this.#disk.changeNames(part, (entries, name) => entries.set(name, made))
      }
      if (end < 0) return
    }
  }

  list(path: string): string[] {
    this.#assertAlive()
    return [...this.#directory(path).current.keys()]
  }

  exists(path: string): boolean {
    this.#assertAlive()
    return this.#disk.entry(path) !== undefined
  }

  open(path: string): LogFile {
    this.#assertAlive()
    let content = this.#disk.content(path)
    if (content === undefined) {
      if (this.#disk.space <= 0) throw systemError('ENOSPC', `no space left on device, open '${path}'`)
      const made = new FaultyContent()
      this.#disk.changeNames(path, (entries, name) => entries.set(name, made))
      content = made
    }
    return new FaultyFile(this.#disk, this.#boot, content)
  }

  readFile(path: string): Uint8Array {
    this.#assertAlive()
    return Uint8Array.from(this.#content(path).bytes)
  }

  /** Within a directory. */
  rename(from: string, to: string): void {
    this.#assertAlive()
    const content = this.#content(from)
    this.#disk.changeNames(to, (entries, name) => {
      entries.delete(nameOf(from))
      entries.set(name, content)
    })
  }

  remove(path: string): void {
    this.#assertAlive()
    if (this.exists(path)) this.#disk.changeNames(path, (entries, name) => entries.delete(name), true)
  }

  async syncDirectory(path: string): Promise<void> {
    this.#assertAlive()
    const directory = this.#directory(path)
    for (let turns = this.#disk.syncTurns(); turns > 0; turns--) await Promise.resolve()
    this.#assertAlive()
    directory.settle()
  }

  settle(path: string): void {
    this.#assertAlive()
    const content = this.#content(path)
    this.#disk.countCall()
    if (this.#disk.failsToSync()) {
      content.drop()
      throw systemError('EIO', 'i/o error, fsync')
    }
    content.settle(content.changes)
    this.#directory(parentOf(path)).settle()
  }

  lock(): () => void {
    return () => {}
  }

  #content(path: string): FaultyContent {
    const content = this.#disk.content(path)
    if (content === undefined) throw systemError('ENOENT', `no such file, '${path}'`)
    return content
  }

  #directory(path: string): FaultyDirectory {
    const directory = this.#disk.directory(path)
    if (directory === undefined) throw systemError('ENOENT', `no such directory, '${path}'`)
    return directory
  }

  #assertAlive(): void {
    if (!this.#disk.isAlive(this.#boot)) throw new CrashError('The process has died.')
  }
}

class FaultyFile implements LogFile {
  readonly #disk: FaultyDisk
  readonly #boot: number
  readonly #content: FaultyContent

  constructor(disk: FaultyDisk, boot: number, content: FaultyContent) {
    this.#disk = disk
    this.#boot = boot
    this.#content = content
  }

  size(): number {
    this.#assertAlive()
    return this.#content.size
  }

  read(target: Uint8Array, start: number, length: number, position: number): number {
    this.#assertAlive()
    if (this.#disk.failsToRead()) throw systemError('EIO', 'i/o error, read')
    const bytes = this.#content.bytes.subarray(position, position + length)
    target.set(bytes, start)
    return bytes.length
  }

  write(bytes: Uint8Array, position: number): void {
    this.#assertAlive()
    const { written, error } = this.#disk.admit(bytes.length)
    if (written > 0) this.#content.write(bytes.subarray(0, written), position)
    if (error instanceof CrashError) this.#disk.isCrashed = true
    if (error !== undefined) throw error
  }

  truncate(size: number): void {
    this.#assertAlive()
    if (size === this.#content.size) return
    this.#disk.countCall()
    this.#disk.space += Math.max(this.#content.size - size, 0)
    this.#content.truncate(size)
  }

  async sync(): Promise<void> {
    this.#assertAlive()
    const changes = this.#content.changes
    for (let turns = this.#disk.syncTurns(); turns > 0; turns--) await Promise.resolve()
    this.#assertAlive()
    if (this.#disk.failsToSync()) {
      this.#content.drop()
      throw systemError('EIO', 'i/o error, fdatasync')
    }
    this.#content.settle(changes)
  }

  close(): void {}

  #assertAlive(): void {
    if (!this.#disk.isAlive(this.#boot)) throw new CrashError('The process has died.')
  }
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/'
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

function systemError(code: string, message: string): Error {
  return Object.assign(new Error(`${code}: ${message}`), { code })
}
