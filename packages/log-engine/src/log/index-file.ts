import type { FileSystem } from '../file-system.ts'

/**
 * A file of entries of equal size in ascending order. While its segment is being written the entries are in memory, and
 * those not yet in the file are written by `flush`; once sealed they are read from the file one by one.
 */
export class IndexFile {
  readonly path: string
  readonly #fileSystem: FileSystem
  readonly #entryBytes: number
  /** undefined once sealed. */
  #bytes: Uint8Array | undefined
  #view: DataView
  #count = 0
  #flushedCount = 0

  constructor(fileSystem: FileSystem, path: string, entryBytes: number) {
    this.path = path
    this.#fileSystem = fileSystem
    this.#entryBytes = entryBytes
    this.#bytes = new Uint8Array(0)
    this.#view = new DataView(this.#bytes.buffer)
  }

  /** Entries. */
  get count(): number {
    return this.#count
  }

  /** Reads the entries of the file into memory; none when there is no file. A partial last entry is ignored. */
  load(): void {
    const content = this.#fileSystem.exists(this.path) ? this.#fileSystem.readFile(this.path) : new Uint8Array(0)
    this.#count = Math.floor(content.length / this.#entryBytes)
    this.#flushedCount = this.#count
    this.#bytes = Uint8Array.from(content.subarray(0, this.#count * this.#entryBytes))
    this.#view = new DataView(this.#bytes.buffer)
  }

  /** Takes note of how many entries the file holds without reading them; false when there is no such file. */
  openSealed(): boolean {
    if (!this.#fileSystem.exists(this.path)) return false
    const file = this.#fileSystem.open(this.path)
    this.#count = Math.floor(file.size() / this.#entryBytes)
    file.close()
    this.#flushedCount = this.#count
    this.#bytes = undefined
    return true
  }

  /** Position of a new entry at the end of `view`, which the caller fills. */
  add(): number {
    const end = (this.#count + 1) * this.#entryBytes
    if (end > this.#bytes!.length) {
      const larger = new Uint8Array(Math.max(end, this.#bytes!.length * 2, 8 * this.#entryBytes))
      larger.set(this.#bytes!)
      this.#bytes = larger
      this.#view = new DataView(larger.buffer)
    }
    this.#count++
    return end - this.#entryBytes
  }

  /** The entries in memory, while not sealed. */
  get view(): DataView {
    return this.#view
  }

  /** Keeps only the first `count` entries. */
  truncate(count: number): void {
    this.#count = Math.min(this.#count, count)
    if (this.#flushedCount > this.#count) {
      const file = this.#fileSystem.open(this.path)
      file.truncate(this.#count * this.#entryBytes)
      file.close()
      this.#flushedCount = this.#count
    }
  }

  /** Writes the entries that the file lacks. */
  flush(): void {
    if (this.#bytes === undefined || (this.#flushedCount === this.#count && this.#fileSystem.exists(this.path))) return
    const file = this.#fileSystem.open(this.path)
    const from = this.#flushedCount * this.#entryBytes
    file.write(this.#bytes.subarray(from, this.#count * this.#entryBytes), from)
    file.close()
    this.#flushedCount = this.#count
  }

  /** Frees the memory of what was flushed. */
  seal(): void {
    this.#bytes = undefined
  }

  /** Settles when what was flushed is durable. */
  async sync(): Promise<void> {
    const file = this.#fileSystem.open(this.path)
    try {
      await file.sync()
    } finally {
      file.close()
    }
  }

  /**
   * The number of leading entries for which `isBelow` holds, by bisection; `isBelow` gets a view and a position in it and
   * must hold for a prefix of the entries.
   */
  countWhile(isBelow: (view: DataView, at: number) => boolean): number {
    return this.#withEntries((entryAt) => {
      let low = 0
      let high = this.#count
      while (low < high) {
        const middle = (low + high) >>> 1
        const [view, at] = entryAt(middle)
        if (isBelow(view, at)) low = middle + 1
        else high = middle
      }
      return low
    })
  }

  /** Reads one entry. */
  entry<T>(number: number, decode: (view: DataView, at: number) => T): T {
    return this.#withEntries((entryAt) => decode(...entryAt(number)))
  }

  #withEntries<T>(use: (entryAt: (number: number) => [DataView, number]) => T): T {
    if (this.#bytes !== undefined) return use((number) => [this.#view, number * this.#entryBytes])
    const file = this.#fileSystem.open(this.path)
    const scratch = new Uint8Array(this.#entryBytes)
    const view = new DataView(scratch.buffer)
    try {
      return use((number) => {
        file.read(scratch, 0, scratch.length, number * scratch.length)
        return [view, 0]
      })
    } finally {
      file.close()
    }
  }
}
