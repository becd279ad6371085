import type { BinaryKey } from '../binary-key.ts'

const MAX_CHUNK = 512

interface Chunk {
  readonly keys: BinaryKey[]
  /** The epoch in which the chunk was made; only walks of later epochs may be looking at it. */
  readonly epoch: number
}

/**
 * A set of keys in byte order: a list of sorted chunks of at most 512 keys. Adding and removing cost one binary search and
 * the move of part of a chunk.
 *
 * A walk sees the keys as they were when it began: while walks are open, a change copies the chunk that it touches (once
 * per chunk and walk), so an unclosed walk costs a little time and no correctness.
 */
export class SortedKeys {
  #chunks: Chunk[] = []
  #size = 0
  #epoch = 0
  #chunksEpoch = 0
  #openWalks = 0
  #version = 0

  /** The set of these keys, in any order, without repeats. */
  static of(keys: Iterable<BinaryKey>): SortedKeys {
    const sorted = new SortedKeys()
    const list = Array.from(keys).sort()
    for (let i = 0; i < list.length; i += MAX_CHUNK / 2) {
      sorted.#chunks.push({ keys: list.slice(i, i + MAX_CHUNK / 2), epoch: 0 })
    }
    sorted.#size = list.length
    return sorted
  }

  get size(): number {
    return this.#size
  }

  /** Walks that have neither ended nor been closed. */
  get openWalks(): number {
    return this.#openWalks
  }

  /** Grows with each change. */
  get version(): number {
    return this.#version
  }

  has(key: BinaryKey): boolean {
    const chunk = this.#chunks[this.#chunkFor(key)]
    return chunk !== undefined && chunk.keys[lowerBound(chunk.keys, key)] === key
  }

  /** False when the key was there already. */
  add(key: BinaryKey): boolean {
    if (this.#chunks.length === 0) {
      this.#writableChunks().push({ keys: [key], epoch: this.#epoch })
      this.#size++
      this.#version++
      return true
    }
    const at = Math.min(this.#chunkFor(key), this.#chunks.length - 1)
    const position = lowerBound(this.#chunks[at]!.keys, key)
    if (this.#chunks[at]!.keys[position] === key) return false
    const keys = this.#writableChunk(at)
    if (position === keys.length) keys.push(key)
    else keys.splice(position, 0, key)
    this.#size++
    this.#version++
    if (keys.length > MAX_CHUNK) this.#split(at)
    return true
  }

  /** False when the key was not there. */
  delete(key: BinaryKey): boolean {
    const at = this.#chunkFor(key)
    const chunk = this.#chunks[at]
    if (chunk === undefined) return false
    const position = lowerBound(chunk.keys, key)
    if (chunk.keys[position] !== key) return false
    const keys = this.#writableChunk(at)
    keys.splice(position, 1)
    this.#size--
    this.#version++
    if (keys.length === 0) this.#writableChunks().splice(at, 1)
    else if (keys.length < MAX_CHUNK / 8) this.#mergeWithNext(at)
    return true
  }

  /** Removes the keys with `from <= key < to` (undefined: open) and gives them, in order. */
  deleteRange(from: BinaryKey | undefined, to: BinaryKey | undefined): BinaryKey[] {
    const chunks = this.#chunks
    const first = from === undefined ? 0 : this.#chunkFor(from)
    const last = to === undefined ? chunks.length : this.#chunkFor(to)
    const removed: BinaryKey[] = []
    const kept: BinaryKey[] = []
    for (let at = first; at <= last && at < chunks.length; at++) {
      const keys = chunks[at]!.keys
      const start = from === undefined || at > first ? 0 : lowerBound(keys, from)
      const end = to === undefined || at < last ? keys.length : lowerBound(keys, to)
      if (start > 0) kept.push(...keys.slice(0, start))
      for (let i = start; i < end; i++) removed.push(keys[i]!)
      if (end < keys.length) kept.push(...keys.slice(Math.max(start, end)))
    }
    if (removed.length === 0) return removed
    const middle = kept.length > 0 ? [{ keys: kept, epoch: this.#epoch }] : []
    this.#chunks = [...chunks.slice(0, first), ...middle, ...chunks.slice(last + 1)]
    this.#chunksEpoch = this.#epoch
    this.#size -= removed.length
    this.#version++
    return removed
  }

  /**
   * A walk over the keys from `from` (inclusive; undefined: the first) to `to` (undefined: the last), whose own key it
   * leaves out if `toExclusive`; descending with `reverse`, the bounds meaning the same.
   */
  walk(from: BinaryKey | undefined, to: BinaryKey | undefined, reverse: boolean, toExclusive = false): SortedKeysWalk {
    this.#epoch++
    this.#openWalks++
    const chunks = this.#chunks
    if (reverse) {
      let at = to === undefined ? chunks.length - 1 : Math.min(this.#chunkFor(to), chunks.length - 1)
      let position = -1
      if (at >= 0) {
        const keys = chunks[at]!.keys
        position = to === undefined ? keys.length - 1 : lowerBound(keys, to)
        if (to !== undefined && (toExclusive || keys[position] !== to)) position--
        if (position < 0) position = (chunks[--at]?.keys.length ?? 0) - 1
      }
      return new SortedKeysWalk(this, chunks, at, position, -1, from, false)
    }
    const at = from === undefined ? 0 : this.#chunkFor(from)
    const position = from === undefined || at >= chunks.length ? 0 : lowerBound(chunks[at]!.keys, from)
    return new SortedKeysWalk(this, chunks, at, position, 1, to, toExclusive)
  }

  /** For {@link SortedKeysWalk} only. */
  walkEnded(): void {
    this.#openWalks--
  }

  /** The index of the first chunk whose last key is not before `key`; the number of chunks if there is none. */
  #chunkFor(key: BinaryKey): number {
    const chunks = this.#chunks
    let low = 0
    let high = chunks.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const keys = chunks[middle]!.keys
      if (keys[keys.length - 1]! < key) low = middle + 1
      else high = middle
    }
    return low
  }

  #writableChunks(): Chunk[] {
    if (this.#openWalks > 0 && this.#chunksEpoch !== this.#epoch) {
      this.#chunks = this.#chunks.slice()
      this.#chunksEpoch = this.#epoch
    }
    return this.#chunks
  }

  #writableChunk(at: number): BinaryKey[] {
    const chunk = this.#chunks[at]!
    if (this.#openWalks === 0 || chunk.epoch === this.#epoch) return chunk.keys
    const copy: Chunk = { keys: chunk.keys.slice(), epoch: this.#epoch }
    this.#writableChunks()[at] = copy
    return copy.keys
  }

  #split(at: number): void {
    const keys = this.#chunks[at]!.keys
    // Keys often arrive in order: then the left half stays nearly full instead of half empty.
    const left = at === this.#chunks.length - 1 ? (keys.length * 7) >>> 3 : keys.length >>> 1
    this.#writableChunks().splice(at + 1, 0, { keys: keys.splice(left), epoch: this.#epoch })
  }

  #mergeWithNext(at: number): void {
    const next = this.#chunks[at + 1]
    if (next === undefined || next.keys.length > MAX_CHUNK / 2) return
    this.#writableChunk(at).push(...next.keys)
    this.#writableChunks().splice(at + 1, 1)
  }
}

/** One walk over a {@link SortedKeys}, as it was when the walk began. */
export class SortedKeysWalk {
  readonly #owner: SortedKeys
  readonly #chunks: readonly Chunk[]
  readonly #step: 1 | -1
  readonly #bound: BinaryKey | undefined
  readonly #boundExclusive: boolean
  #at: number
  #position: number
  #isOpen = true

  constructor(
    owner: SortedKeys,
    chunks: readonly Chunk[],
    at: number,
    position: number,
    step: 1 | -1,
    bound: BinaryKey | undefined,
    boundExclusive: boolean,
  ) {
    this.#owner = owner
    this.#chunks = chunks
    this.#at = at
    this.#position = position
    this.#step = step
    this.#bound = bound
    this.#boundExclusive = boundExclusive
  }

  /** The next key, or undefined at the end (which closes the walk). */
  next(): BinaryKey | undefined {
    if (!this.#isOpen) return undefined
    const key = this.#chunks[this.#at]?.keys[this.#position]
    if (key === undefined || this.#isBeyond(key)) {
      this.close()
      return undefined
    }
    this.#position += this.#step
    if (this.#step === 1) {
      if (this.#position >= this.#chunks[this.#at]!.keys.length) {
        this.#at++
        this.#position = 0
      }
    } else if (this.#position < 0) {
      this.#at--
      this.#position = (this.#chunks[this.#at]?.keys.length ?? 0) - 1
    }
    return key
  }

  close(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#owner.walkEnded()
  }

  #isBeyond(key: BinaryKey): boolean {
    const bound = this.#bound
    if (bound === undefined) return false
    if (this.#step === -1) return key < bound
    return this.#boundExclusive ? key >= bound : key > bound
  }
}

/** The index of the first key that is not before `key`. */
function lowerBound(keys: readonly BinaryKey[], key: BinaryKey): number {
  let low = 0
  let high = keys.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (keys[middle]! < key) low = middle + 1
    else high = middle
  }
  return low
}
