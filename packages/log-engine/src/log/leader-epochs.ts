import type { FileSystem } from '../file-system.ts'

/** An epoch and the first offset written in it. */
export interface LeaderEpochEntry {
  readonly epoch: number
  readonly startOffset: number
}

/**
 * The epochs of a partition. One node has no elections: an epoch begins when a recovery may have lost records, so that
 * whoever remembers an offset can tell whether it still names the same record.
 *
 * `leader-epoch-checkpoint`, text: version `0`, the number of entries, then `<epoch> <start offset>` per line. Until it is
 * durable its name ends with `.new`, so that a loss of power leaves the one before.
 *
 * @see org.apache.kafka.storage.internals.epoch.LeaderEpochFileCache (same file)
 */
export class LeaderEpochs {
  readonly #fileSystem: FileSystem
  readonly #path: string
  #entries: LeaderEpochEntry[]
  #isDurable: boolean

  constructor(fileSystem: FileSystem, folder: string) {
    this.#fileSystem = fileSystem
    this.#path = `${folder}/leader-epoch-checkpoint`
    const fresh = this.#read(`${this.#path}.new`)
    this.#isDurable = fresh === undefined
    this.#entries = fresh ?? this.#read(this.#path) ?? []
  }

  /** The epoch of records appended now. */
  get current(): number {
    return this.#entries.at(-1)?.epoch ?? 0
  }

  /** Takes note of a batch that recovery has read, lest the file has lost its epoch. Batches come in order of their offsets. */
  note(epoch: number, baseOffset: number): void {
    const known = this.#entries.findLast(({ startOffset }) => startOffset <= baseOffset)
    if (known !== undefined && known.epoch >= epoch) return
    const before = this.#entries.filter((entry) => entry.startOffset < baseOffset)
    this.#entries = [...before, { epoch, startOffset: baseOffset }]
  }

  /** Begins an epoch above all known ones and above `atLeast`. */
  begin(startOffset: number, atLeast: number): void {
    const epoch = Math.max(this.#entries.length === 0 ? 0 : this.current + 1, atLeast)
    this.#entries = [...this.#entries.filter((entry) => entry.startOffset < startOffset), { epoch, startOffset }]
    const lines = this.#entries.map((entry) => `${entry.epoch} ${entry.startOffset}\n`)
    const bytes = Buffer.from(`0\n${lines.length}\n${lines.join('')}`)
    const file = this.#fileSystem.open(`${this.#path}.tmp`)
    file.truncate(0)
    file.write(bytes, 0)
    file.close()
    this.#fileSystem.rename(`${this.#path}.tmp`, `${this.#path}.new`)
    this.#isDurable = false
  }

  /** Settles when the file is durable. */
  async sync(): Promise<void> {
    if (this.#isDurable) return
    this.#isDurable = true
    const file = this.#fileSystem.open(`${this.#path}.new`)
    try {
      await file.sync()
    } finally {
      file.close()
    }
    // Under either name it is found: the folder, in which the first was new, is synced by the partition.
    this.#fileSystem.rename(`${this.#path}.new`, this.#path)
  }

  /**
   * The end offset of the largest epoch at or below `epoch`: records of that epoch at or above it are gone. `endOffset` is
   * the partition's. undefined when every known epoch is above.
   */
  endOffsetFor(epoch: number, endOffset: number): { readonly epoch: number; readonly endOffset: number } | undefined {
    const after = this.#entries.findIndex((entry) => entry.epoch > epoch)
    if (after === 0) return undefined
    const found = after === -1 ? this.#entries.at(-1) : this.#entries[after - 1]
    return found && { epoch: found.epoch, endOffset: after === -1 ? endOffset : this.#entries[after]!.startOffset }
  }

  /** undefined when there is no such file, or not all of it. */
  #read(path: string): LeaderEpochEntry[] | undefined {
    if (!this.#fileSystem.exists(path)) return undefined
    const [version, count, ...lines] = Buffer.from(this.#fileSystem.readFile(path)).toString().trim().split('\n')
    const entries = lines
      .map((line) => line.split(' ').map(Number))
      .map(([epoch, startOffset]) => ({ epoch, startOffset }))
    const isWhole = version === '0' && Number(count) === entries.length
    return isWhole && entries.every(isEntry) ? entries : undefined
  }
}

function isEntry(entry: { epoch: number | undefined; startOffset: number | undefined }): entry is LeaderEpochEntry {
  return Number.isSafeInteger(entry.epoch) && Number.isSafeInteger(entry.startOffset)
}
