import type { FileSystem, LogFile } from '../../src/file-system.ts'
import { FaultyContent } from './faulty-content.ts'
import type { Random } from './random.ts'

/** A change of names that may not be durable yet. */
type NameChange = (names: Names) => void

interface Names {
  readonly files: Map<string, FaultyContent>
  readonly directories: Set<string>
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
  #current: Names = { files: new Map(), directories: new Set() }
  #durable: Names = { files: new Map(), directories: new Set() }
  #pending: { readonly directory: string; readonly change: NameChange; readonly isRemoval: boolean }[] = []
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
    const kept = new Map<string, boolean>()
    for (const { directory, change, isRemoval } of this.#pending) {
      // Within a directory names become durable in order, but removals may come before what was done earlier.
      const order = `${directory} ${isRemoval}`
      if (kept.get(order) === false) continue
      const survives = this.#random.chance(0.5)
      kept.set(order, survives)
      if (survives) change(this.#durable)
    }
    this.#pending = []
    dropOrphans(this.#durable)
    this.#current = { files: new Map(this.#durable.files), directories: new Set(this.#durable.directories) }
    const probability = this.#random.pick([0, 0.5, 0.9, 1])
    for (const content of new Set(this.#current.files.values())) content.losePower(this.#random, probability)
  }

  /** Paths of all files. */
  paths(): string[] {
    return [...this.#current.files.keys()]
  }

  content(path: string): FaultyContent | undefined {
    return this.#current.files.get(path)
  }

  get names(): Names {
    return this.#current
  }

  isAlive(boot: number): boolean {
    return boot === this.#boot && !this.isCrashed
  }

  changeNames(path: string, change: NameChange, isRemoval = false): void {
    this.countCall()
    change(this.#current)
    this.#pending.push({ directory: parentOf(path), change, isRemoval })
  }

  syncNames(directory: string): void {
    for (const { change } of this.#pending.filter((pending) => pending.directory === directory)) change(this.#durable)
    this.#pending = this.#pending.filter((pending) => pending.directory !== directory)
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
      if (!this.#disk.names.directories.has(part)) {
        this.#disk.changeNames(part, ({ directories }) => directories.add(part))
      }
      if (end < 0) return
    }
  }

  list(path: string): string[] {
    this.#assertAlive()
    const { files, directories } = this.#disk.names
    const names = new Set<string>()
    for (const entry of [...files.keys(), ...directories]) {
      if (entry.startsWith(`${path}/`)) names.add(entry.slice(path.length + 1).split('/')[0]!)
    }
    return [...names]
  }

  exists(path: string): boolean {
    this.#assertAlive()
    return path === '/' || this.#disk.names.files.has(path) || this.#disk.names.directories.has(path)
  }

  open(path: string): LogFile {
    this.#assertAlive()
    let content = this.#disk.names.files.get(path)
    if (content === undefined) {
      if (this.#disk.space <= 0) throw systemError('ENOSPC', `no space left on device, open '${path}'`)
      const created = new FaultyContent()
      this.#disk.changeNames(path, ({ files }) => files.set(path, created))
      content = created
    }
    return new FaultyFile(this.#disk, this.#boot, content)
  }

  readFile(path: string): Uint8Array {
    this.#assertAlive()
    const content = this.#disk.names.files.get(path)
    if (content === undefined) throw systemError('ENOENT', `no such file, open '${path}'`)
    return Uint8Array.from(content.bytes)
  }

  rename(from: string, to: string): void {
    this.#assertAlive()
    const content = this.#disk.names.files.get(from)
    if (content === undefined) throw systemError('ENOENT', `no such file, rename '${from}'`)
    this.#disk.changeNames(to, ({ files }) => {
      files.delete(from)
      files.set(to, content)
    })
  }

  remove(path: string): void {
    this.#assertAlive()
    if (!this.exists(path)) return
    const remove: NameChange = ({ files, directories }) => {
      for (const file of [...files.keys()]) if (file === path || file.startsWith(`${path}/`)) files.delete(file)
      for (const directory of [...directories]) {
        if (directory === path || directory.startsWith(`${path}/`)) directories.delete(directory)
      }
    }
    this.#disk.changeNames(path, remove, true)
  }

  async syncDirectory(path: string): Promise<void> {
    this.#assertAlive()
    for (let turns = this.#disk.syncTurns(); turns > 0; turns--) await Promise.resolve()
    this.#assertAlive()
    this.#disk.syncNames(path)
  }

  settle(path: string): void {
    this.#assertAlive()
    const content = this.#disk.names.files.get(path)
    if (content === undefined) throw systemError('ENOENT', `no such file, fsync '${path}'`)
    this.#disk.countCall()
    if (this.#disk.failsToSync()) {
      content.drop()
      throw systemError('EIO', 'i/o error, fsync')
    }
    content.settle(content.changes)
    this.#disk.syncNames(parentOf(path))
  }

  lock(): () => void {
    return () => {}
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

/** What lies in a directory that is gone is gone. */
function dropOrphans({ files, directories }: Names): void {
  const isOrphan = (path: string): boolean => {
    const parent = parentOf(path)
    return parent !== '/' && (!directories.has(parent) || isOrphan(parent))
  }
  for (const path of [...files.keys()]) if (isOrphan(path)) files.delete(path)
  for (const path of [...directories]) if (isOrphan(path)) directories.delete(path)
}

function systemError(code: string, message: string): Error {
  return Object.assign(new Error(`${code}: ${message}`), { code })
}
