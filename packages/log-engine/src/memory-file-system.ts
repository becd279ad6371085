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
  readonly #directories = new Set<string>()
  readonly #locked = new Set<string>()

  makeDirectory(path: string): void {
    let end = path.length
    while (end > 0) {
      this.#directories.add(path.slice(0, end))
      end = path.lastIndexOf('/', end - 1)
    }
  }

  list(path: string): string[] {
    if (!this.#directories.has(path)) throw notFound('scandir', path)
    const names = new Set<string>()
    const prefix = `${path}/`
    for (const entry of [...this.#files.keys(), ...this.#directories]) {
      if (entry.startsWith(prefix)) names.add(entry.slice(prefix.length).split('/')[0]!)
    }
    return [...names]
  }

  exists(path: string): boolean {
    return this.#files.has(path) || this.#directories.has(path)
  }

  open(path: string): LogFile {
    let content = this.#files.get(path)
    if (content === undefined) {
      if (!this.#directories.has(path.slice(0, path.lastIndexOf('/')))) throw notFound('open', path)
      content = new MemoryContent()
      this.#files.set(path, content)
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
    for (const path of [...this.#directories].filter((path) => isWithin(path, from))) {
      this.#directories.delete(path)
      this.#directories.add(to + path.slice(from.length))
    }
    for (const [path, content] of [...this.#files].filter(([path]) => isWithin(path, from))) {
      this.#files.delete(path)
      this.#files.set(to + path.slice(from.length), content)
    }
  }

  remove(path: string): void {
    for (const directory of [...this.#directories]) if (isWithin(directory, path)) this.#directories.delete(directory)
    for (const file of [...this.#files.keys()]) if (isWithin(file, path)) this.#files.delete(file)
  }

  async syncDirectory(): Promise<void> {}

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

function isWithin(path: string, directory: string): boolean {
  return path === directory || path.startsWith(`${directory}/`)
}

function notFound(call: string, path: string): Error {
  return Object.assign(new Error(`ENOENT: no such file or directory, ${call} '${path}'`), { code: 'ENOENT' })
}
