import type { Random } from './random.ts'

/** A change of a file that may not be durable yet. */
type Change =
  | { readonly kind: 'write'; readonly position: number; readonly bytes: Uint8Array }
  | { readonly kind: 'truncate'; readonly size: number }

/** What a disk writes at once or not at all; smaller than those in use, so that small files tear too. */
const sectorBytes = 64

/** The bytes of one file: as programs see them, and as far as they are sure to survive a loss of power. */
export class FaultyContent {
  #current = new Uint8Array(0)
  #durable = new Uint8Array(0)
  #pending: Change[] = []
  /** Changes that are durable, or dropped. */
  #settled = 0

  get size(): number {
    return this.#current.length
  }

  get bytes(): Uint8Array {
    return this.#current
  }

  write(bytes: Uint8Array, position: number): void {
    const change: Change = { kind: 'write', position, bytes: Uint8Array.from(bytes) }
    this.#current = apply(this.#current, change)
    this.#pending.push(change)
  }

  truncate(size: number): void {
    const change: Change = { kind: 'truncate', size }
    this.#current = apply(this.#current, change)
    this.#pending.push(change)
  }

  /** Changes ever made. */
  get changes(): number {
    return this.#settled + this.#pending.length
  }

  /** The first `count` changes ever made are durable now. */
  settle(count: number): void {
    for (const change of this.#pending.splice(0, Math.max(count - this.#settled, 0))) {
      this.#durable = apply(this.#durable, change)
      this.#settled++
    }
  }

  /** After a failed sync the system may have dropped what it could not write. */
  drop(): void {
    this.#settled += this.#pending.length
    this.#pending = []
  }

  /** Power is lost: of what is not durable each sector has made it with the given probability. */
  losePower(random: Random, probability: number): void {
    for (const change of this.#pending) {
      if (change.kind === 'truncate') {
        if (random.chance(probability)) this.#durable = apply(this.#durable, change)
        continue
      }
      for (const sector of sectorsOf(change))
        if (random.chance(probability)) this.#durable = apply(this.#durable, sector)
    }
    this.drop()
    this.#current = this.#durable
  }

  /** Bits rot, on the disk and in memory alike. */
  flip(position: number, mask: number): void {
    this.#durable = Uint8Array.from(this.#durable)
    this.#current = Uint8Array.from(this.#current)
    if (position < this.#durable.length) this.#durable[position]! ^= mask
    this.#current[position]! ^= mask
  }
}

function apply(before: Uint8Array, change: Change): Uint8Array<ArrayBuffer> {
  if (change.kind === 'truncate') {
    const after = new Uint8Array(change.size)
    after.set(before.subarray(0, change.size))
    return after
  }
  const end = change.position + change.bytes.length
  const after = new Uint8Array(Math.max(before.length, end))
  after.set(before)
  after.set(change.bytes, change.position)
  return after
}

function* sectorsOf(change: { readonly position: number; readonly bytes: Uint8Array }): Generator<Change> {
  for (let at = 0; at < change.bytes.length; ) {
    const position = change.position + at
    const length = Math.min(sectorBytes - (position % sectorBytes), change.bytes.length - at)
    yield { kind: 'write', position, bytes: change.bytes.subarray(at, at + length) }
    at += length
  }
}
