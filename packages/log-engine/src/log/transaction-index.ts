import type { FileSystem } from '../file-system.ts'

const entryBytes = 34

/** One aborted transaction within a segment. */
export interface AbortedTransactionEntry {
  readonly producerId: bigint
  readonly firstOffset: number
  /** Of its abort marker. */
  readonly lastOffset: number
  /** As it was when the marker was written, after which this transaction no longer held it back. */
  readonly lastStableOffset: number
}

/**
 * The transactions whose abort markers lie in a segment, by marker. The file exists only when there is one.
 *
 *   | version int16 0 | producer id int64 | first offset int64 | last offset int64 | last stable offset int64 |
 *
 * @see org.apache.kafka.storage.internals.log.TransactionIndex (same bytes)
 */
export class TransactionIndex {
  readonly #fileSystem: FileSystem
  readonly #path: string
  #entries: AbortedTransactionEntry[] | undefined
  #flushedCount = 0
  #isDurable = true
  /** The file holds entries that were dropped. */
  #isTooLong = false

  constructor(fileSystem: FileSystem, path: string) {
    this.#fileSystem = fileSystem
    this.#path = path
  }

  /** All entries, in order of their markers. */
  entries(): readonly AbortedTransactionEntry[] {
    if (this.#entries === undefined) {
      const bytes = this.#fileSystem.exists(this.#path) ? this.#fileSystem.readFile(this.#path) : new Uint8Array(0)
      const view = new DataView(bytes.buffer, bytes.byteOffset)
      this.#entries = []
      for (let at = 0; at + entryBytes <= bytes.length; at += entryBytes) this.#entries.push(decode(view, at))
      this.#flushedCount = this.#entries.length
      // A process that crashed may have written them.
      this.#isDurable = this.#flushedCount === 0
    }
    return this.#entries
  }

  append(entry: AbortedTransactionEntry): void {
    this.entries()
    this.#entries!.push(entry)
  }

  /**
   * Keeps the entries whose markers lie from `from` inclusive to `to` exclusive and drops all from the first other one on,
   * which a loss of power may have left; from the file with the next flush.
   */
  keepBetween(from: number, to: number): void {
    const entries = this.entries()
    let count = 0
    for (let lowest = from; count < entries.length; count++) {
      const { firstOffset, lastOffset } = entries[count]!
      if (lastOffset < lowest || lastOffset >= to || firstOffset >= lastOffset) break
      lowest = lastOffset + 1
    }
    if (count === entries.length) return
    this.#entries = entries.slice(0, count)
    this.#isTooLong ||= this.#flushedCount > count
    this.#flushedCount = Math.min(this.#flushedCount, count)
  }

  /** Makes the file hold the entries. */
  flush(): void {
    const fresh = this.#entries?.slice(this.#flushedCount) ?? []
    if (fresh.length === 0 && !this.#isTooLong) return
    const bytes = new Uint8Array(fresh.length * entryBytes)
    const view = new DataView(bytes.buffer)
    for (const [number, entry] of fresh.entries()) encode(view, number * entryBytes, entry)
    const file = this.#fileSystem.open(this.#path)
    if (this.#isTooLong) file.truncate(this.#flushedCount * entryBytes)
    file.write(bytes, this.#flushedCount * entryBytes)
    file.close()
    this.#isTooLong = false
    this.#flushedCount += fresh.length
    this.#isDurable = false
  }

  /** Settles when what was flushed is durable. */
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

  /** Makes it as if new: no entries, no file. */
  reset(): void {
    this.#fileSystem.remove(this.#path)
    this.#entries = []
    this.#flushedCount = 0
    this.#isDurable = true
    this.#isTooLong = false
  }
}

function encode(view: DataView, at: number, entry: AbortedTransactionEntry): void {
  view.setInt16(at, 0)
  view.setBigInt64(at + 2, entry.producerId)
  view.setBigInt64(at + 10, BigInt(entry.firstOffset))
  view.setBigInt64(at + 18, BigInt(entry.lastOffset))
  view.setBigInt64(at + 26, BigInt(entry.lastStableOffset))
}

function decode(view: DataView, at: number): AbortedTransactionEntry {
  return {
    producerId: view.getBigInt64(at + 2),
    firstOffset: Number(view.getBigInt64(at + 10)),
    lastOffset: Number(view.getBigInt64(at + 18)),
    lastStableOffset: Number(view.getBigInt64(at + 26)),
  }
}
