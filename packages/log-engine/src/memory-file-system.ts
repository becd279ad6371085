import { EngineError } from './engine-error.ts'
import type { FileSystem, LogFile } from './file-system.ts'

/**
 * A file system in memory: the same log without a disk. Everything in it outlives the engines that are opened on it, so
 * that a test can close and open again. Syncs are immediate.
 */
export function memoryFileSystem(): FileSystem {
  return new MemoryFileSystem()
}

class MemoryFileSystem implements FileSystem {
  readonly bootId = 1n
  readonly #files = new Map<string, MemoryContent>()
  /** The names in each directory. */
  readonly #directories = new Map<string, Set<string>>()
  readonly #locked = new Set<string>()

  makeDirectory(path: string): void {
    if (this.#directories.has(path)) return
    this.#directories.set(path, new Set())
    const [parent, name] = split(path)
    if (parent === '') return
    this.makeDirectory(parent)
    this.#directories.get(parent)?.add(name)
  }

  list(path: string): string[] {
    const names = this.#directories.get(path)
    if (names === undefined) throw notFound('scandir', path)
    return [...names]
  }

  exists(path: string): boolean {
    return this.#files.has(path) || this.#directories.has(path)
  }

  open(path: string): LogFile {
    let content = this.#files.get(path)
    if (content === undefined) {
      const [parent, name] = split(path)
      const names = this.#directories.get(parent)
      if (names === undefined) throw notFound('open', path)
      content = new MemoryContent()
      this.#files.set(path, content)
      names.add(name)
    }
    return new MemoryLogFile(content)
  }

  readFile(path: string): Uint8Array {
    const content = this.#files.get(path)
    if (content === undefined) throw notFound('open', path)
    return content.bytes.slice(0, content.size)
  }

  rename(from: string, to: string): void {
    if (!this.exists(from)) throw notFound('rename', from)
    this.remove(to)
    this.#copy(from, to)
    this.remove(from)
  }

  #copy(from: string, to: string): void {
    const content = this.#files.get(from)
    if (content !== undefined) {
      this.#files.set(to, content)
      const [parent, name] = split(to)
      this.#directories.get(parent)?.add(name)
      return
    }
    this.makeDirectory(to)
    for (const name of this.list(from)) this.#copy(`${from}/${name}`, `${to}/${name}`)
  }

  remove(path: string): void {
    for (const name of this.#directories.get(path) ?? []) this.remove(`${path}/${name}`)
    this.#directories.delete(path)
    this.#files.delete(path)
    const [parent, name] = split(path)
    this.#directories.get(parent)?.delete(name)
  }

  async syncDirectory(): Promise<void> {}

  settle(): void {}

  lock(directory: string): () => void {
    if (this.#locked.has(directory)) {
      throw new EngineError(
        'LOG_DIRECTORY_LOCKED',
        `The data directory ${directory} in memory is in use by another engine. Close it first.`,
      )
    }
    this.#locked.add(directory)
    return () => this.#locked.delete(directory)
  }
}

/** The directory and the name in it. */
function split(path: string): readonly [directory: string, name: string] {
  const at = path.lastIndexOf('/')
  return [path.slice(0, Math.max(at, 0)), path.slice(at + 1)]
}

/** The bytes of a file, shared by all who have it open; still there for them after the file's removal. */
class MemoryContent {
  bytes: Uint8Array = new Uint8Array(0)
  size = 0

  grow(size: number): void {
    if (size > this.bytes.length) {
      const larger = new Uint8Array(Math.max(size, this.bytes.length * 2, 1024))
      larger.set(this.bytes.subarray(0, this.size))
      this.bytes = larger
    }
    this.size = size
  }
}

class MemoryLogFile implements LogFile {
  readonly #content: MemoryContent

  constructor(content: MemoryContent) {
    this.#content = content
  }

  size(): number {
    return this.#content.size
  }

  read(target: Uint8Array, start: number, length: number, position: number): number {
    const end = Math.min(position + length, this.#content.size)
    if (end <= position) return 0
    target.set(this.#content.bytes.subarray(position, end), start)
    return end - position
  }

  write(bytes: Uint8Array, position: number): void {
    this.#content.grow(Math.max(this.#content.size, position + bytes.length))
    this.#content.bytes.set(bytes, position)
  }

  truncate(size: number): void {
    const { bytes, size: before } = this.#content
    if (size < before) bytes.fill(0, size, before)
    this.#content.grow(size)
  }

  async sync(): Promise<void> {}

  close(): void {}
}

function notFound(call: string, path: string): Error {
  return Object.assign(new Error(`ENOENT: no such file or directory, ${call} '${path}'`), { code: 'ENOENT' })
}
