import { murmur3 } from './murmur3.ts'

/** A hash of 16 bytes and an offset. */
const entryBytes = 24
const firstCapacity = 1024
/** Above it probing gets slow. */
const maxLoad = 0.75

/**
 * The last offset of each key, by a 128-bit hash of the key, in a table that grows up to a bound.
 * @see org.apache.kafka.storage.internals.log.SkimpyOffsetMap
 */
export class OffsetMap {
  readonly #maxCapacity: number
  readonly #hash = new Int32Array(4)
  #capacity = firstCapacity
  #hashes = new Int32Array(4 * firstCapacity)
  /** Offset + 1; 0 where the slot is free. */
  #offsets = new Float64Array(firstCapacity)
  #size = 0

  constructor(maxBytes: number) {
    this.#maxCapacity = Math.max(2 ** Math.floor(Math.log2(maxBytes / entryBytes)), firstCapacity)
  }

  /** Keys. */
  get size(): number {
    return this.#size
  }

  /** Whether no further key may be put. */
  get isFull(): boolean {
    return this.#size >= this.#maxCapacity * maxLoad
  }

  /** Takes an offset that is above all put before. The key is `length` bytes from `start` on. */
  put(bytes: Uint8Array, start: number, length: number, offset: number): void {
    if (this.#size >= this.#capacity * maxLoad) this.#grow()
    murmur3(bytes, start, length, this.#hash)
    const slot = this.#slotOf(this.#hash)
    if (this.#offsets[slot] === 0) {
      this.#hashes.set(this.#hash, slot * 4)
      this.#size++
    }
    this.#offsets[slot] = offset + 1
  }

  /** -1 when the key is not in the map. */
  get(bytes: Uint8Array, start: number, length: number): number {
    murmur3(bytes, start, length, this.#hash)
    return this.#offsets[this.#slotOf(this.#hash)]! - 1
  }

  #slotOf(hash: Int32Array): number {
    const mask = this.#capacity - 1
    let slot = hash[0]! & mask
    while (this.#offsets[slot] !== 0) {
      const at = slot * 4
      const hashes = this.#hashes
      if (
        hashes[at] === hash[0] &&
        hashes[at + 1] === hash[1] &&
        hashes[at + 2] === hash[2] &&
        hashes[at + 3] === hash[3]
      )
        break
      slot = (slot + 1) & mask
    }
    return slot
  }

  #grow(): void {
    const hashes = this.#hashes
    const offsets = this.#offsets
    this.#capacity = Math.min(this.#capacity * 2, this.#maxCapacity)
    this.#hashes = new Int32Array(4 * this.#capacity)
    this.#offsets = new Float64Array(this.#capacity)
    for (let slot = 0; slot < offsets.length; slot++) {
      if (offsets[slot] === 0) continue
      const hash = hashes.subarray(slot * 4, slot * 4 + 4)
      const next = this.#slotOf(hash)
      this.#hashes.set(hash, next * 4)
      this.#offsets[next] = offsets[slot]!
    }
  }
}
