/** Shorter memory is cheaper to make than to keep. */
const shortestKept = 64 * 1024
/** Longer memory is rare, and would be held for nothing. */
const longestKept = 4 * 1024 * 1024
/** What is kept at most while nobody needs it. */
const keptBytes = 8 * 1024 * 1024

/**
 * Memory into which answers are read, used again once they have been sent: for fresh memory the system would have to clear
 * every page, and the collector to come by every few answers.
 */
export class AnswerMemory {
  #kept: Uint8Array[] = []
  #keptBytes = 0

  /** At least so many bytes, of any content. */
  take(length: number): Uint8Array {
    if (length < shortestKept || length > longestKept) return Buffer.allocUnsafeSlow(length)
    const size = 2 ** Math.ceil(Math.log2(length))
    const at = this.#kept.findIndex((one) => one.length === size)
    if (at < 0) return Buffer.allocUnsafeSlow(size)
    this.#keptBytes -= size
    return this.#kept.splice(at, 1)[0]!
  }

  /** Nobody looks at this memory any more. */
  giveBack(memory: Uint8Array): void {
    const { length } = memory
    if (length < shortestKept || length > longestKept || this.#keptBytes + length > keptBytes) return
    this.#kept.push(memory)
    this.#keptBytes += length
  }
}
