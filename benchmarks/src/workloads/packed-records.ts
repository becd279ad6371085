const CHUNK_BYTES = 4 * 1024 * 1024

/**
 * Generated records without an object for each: what waits to be fed must not cost the collector of what is measured.
 * Keys and values are views into chunks.
 */
export class PackedRecords {
  readonly #topics: string[] = []
  readonly #topicIds: number[] = []
  readonly #timestamps: number[] = []
  readonly #chunks: Uint8Array[] = []
  /** Of each record: chunk, start and length of its key (-1: null), start and length of its value. */
  readonly #places: number[] = []
  #used = CHUNK_BYTES

  get length(): number {
    return this.#timestamps.length
  }

  add(topic: string, timestamp: number, key: Uint8Array | null, value: Uint8Array): void {
    let topicId = this.#topics.indexOf(topic)
    if (topicId === -1) topicId = this.#topics.push(topic) - 1
    const size = (key?.length ?? 0) + value.length
    if (this.#used + size > CHUNK_BYTES) {
      this.#chunks.push(new Uint8Array(Math.max(CHUNK_BYTES, size)))
      this.#used = 0
    }
    const chunk = this.#chunks.at(-1)!
    const start = this.#used
    if (key !== null) chunk.set(key, start)
    chunk.set(value, start + (key?.length ?? 0))
    this.#used += size
    this.#topicIds.push(topicId)
    this.#timestamps.push(timestamp)
    this.#places.push(this.#chunks.length - 1, start, key?.length ?? -1, start + (key?.length ?? 0), value.length)
  }

  topic(at: number): string {
    return this.#topics[this.#topicIds[at]!]!
  }

  timestamp(at: number): number {
    return this.#timestamps[at]!
  }

  key(at: number): Uint8Array | null {
    return this.#places[at * 5 + 2] === -1 ? null : this.#bytes(at, 1)
  }

  value(at: number): Uint8Array {
    return this.#bytes(at, 3)!
  }

  #bytes(at: number, field: 1 | 3): Uint8Array {
    const start = this.#places[at * 5 + field]!
    return this.#chunks[this.#places[at * 5]!]!.subarray(start, start + this.#places[at * 5 + field + 1]!)
  }
}
