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
 * `leader-epoch-checkpoint`, text: version `0`, the number of entries, then `<epoch> <start offset>` per line.
 *
 * @see org.apache.kafka.storage.internals.epoch.LeaderEpochFileCache (same file)
 */
export class LeaderEpochs {
  readonly #fileSystem: FileSystem
  readonly #path: string
  #entries: LeaderEpochEntry[]
  #isDurable = true

  constructor(fileSystem: FileSystem, folder: string) {
    this.#fileSystem = fileSystem
    this.#path = `${folder}/leader-epoch-checkpoint`
    this.#entries = this.#read()
  }

  /** The epoch of records appended now. */
  get current(): number {
    return this.#entries.at(-1)?.epoch ?? 0
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
    this.#fileSystem.rename(`${this.#path}.tmp`, this.#path)
    this.#isDurable = false
  }

  /** Settles when the file is durable. */
  async sync(): Promise<void> {
    if (this.#isDurable) return
    this.#isDurable = true
    const file = this.#fileSystem.open(this.#path)
    try {
      await file.sync()
    } finally {
      file.close()
    }
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

  #read(): LeaderEpochEntry[] {
    if (!this.#fileSystem.exists(this.#path)) return []
    const [version, count, ...lines] = Buffer.from(this.#fileSystem.readFile(this.#path)).toString().trim().split('\n')
    const entries = lines
      .map((line) => line.split(' ').map(Number))
      .map(([epoch, startOffset]) => ({ epoch, startOffset }))
    const isWhole = version === '0' && Number(count) === entries.length
    return isWhole && entries.every(isEntry) ? entries : []
  }
}

function isEntry(entry: { epoch: number | undefined; startOffset: number | undefined }): entry is LeaderEpochEntry {
  return Number.isSafeInteger(entry.epoch) && Number.isSafeInteger(entry.startOffset)
}
