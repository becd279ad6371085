import { compareBytes } from '../binary-key.ts'
import { copyBytes, newBytes, SMALL_BYTES } from '../new-bytes.ts'
import { hashBytes } from './hash-bytes.ts'

const PAGE_BYTES = 65_536
const FIRST_PAGE_BYTES = 2_048
const UNIT = 8
const UNITS_PER_PAGE = PAGE_BYTES / UNIT
const HEADER_WORDS = 4
const HEADER_BYTES = HEADER_WORDS * 4
const FIRST_SLOTS = 16
/** A table of more slots than this is given back by `clear` instead of being emptied. */
const MAX_KEPT_SLOTS = 65_536

// Words of a header.
const KEY_LENGTH = 0
const VALUE_LENGTH = 1
const CAPACITY = 2
const MARK = 3
/** As a value's length: it is null. Below that: it lies in `#aside`, at -2 minus the length. */
const NO_VALUE = -1

/** Where an entry lies in the pages: page number, then 13 bits of place in units of 8 bytes; 0 is none. Holds until it is deleted. */
export type Entry = number

/** What `find` gives for a key that is not there. */
export const NO_ENTRY: Entry = 0

/**
 * A hash table from bytes to bytes which lies outside of the garbage collector's care, and within few lines of the processor's cache:
 *
 *   table (open addressing, linear probing)   | hash, entry |*
 *   entry, in a page of up to 64 KiB          | key length | value length | bytes for the value | mark | key | value |
 *
 * The lengths and the mark are int32. A small value is copied in and out. An entry has room for the value it began with; what
 * does not fit is kept aside as it was given.
 */
export class ByteMap {
  readonly #inlineBytes: number
  #table = new Int32Array(2 * FIRST_SLOTS)
  #pages: Uint8Array[] = []
  #words: Int32Array[] = []
  /** The page that is being filled, up to `#used`; those after it and before `#numKept` are empty. */
  #page = -1
  #used = 0
  #numKept = 0
  #hasLargePage = false
  #free = new Map<number, Entry[]>()
  #aside: (Uint8Array | undefined)[] = []
  #freeAside: number[] = []
  #asideBytes = 0
  #pageBytes = 0
  #size = 0

  /** Values up to `inlineBytes` lie in the pages; larger ones are kept as they were given. */
  constructor(inlineBytes = SMALL_BYTES) {
    this.#inlineBytes = inlineBytes
  }

  get size(): number {
    return this.#size
  }

  /** Memory held, what is free in it included. */
  get memoryBytes(): number {
    return this.#table.byteLength + this.#pageBytes + this.#asideBytes
  }

  /** `hash`: that of {@link hashBytes}. */
  find(key: Uint8Array, hash = hashBytes(key)): Entry {
    const table = this.#table
    const mask = table.length - 1
    for (let at = (hash << 1) & mask; ; at = (at + 2) & mask) {
      const entry = table[at + 1]!
      if (entry === NO_ENTRY || (table[at] === hash && this.#hasKey(entry, key))) return entry
    }
  }

  /** Adds a key that is not there; its mark is 0. */
  add(key: Uint8Array, value: Uint8Array | null, hash = hashBytes(key)): Entry {
    if (4 * (this.#size + 1) > this.#table.length) this.#growTable()
    const isInline = value !== null && value.length <= this.#inlineBytes
    const bytes = align(HEADER_BYTES + key.length + (isInline ? value.length : 0))
    const entry = this.#allocate(bytes)
    const words = this.#words[entry >>> 13]!
    const at = (entry & (UNITS_PER_PAGE - 1)) << 1
    words[at + KEY_LENGTH] = key.length
    words[at + VALUE_LENGTH] = NO_VALUE
    words[at + CAPACITY] = bytes - HEADER_BYTES - key.length
    words[at + MARK] = 0
    copyBytes(key, this.#pages[entry >>> 13]!, at * 4 + HEADER_BYTES)
    this.setValue(entry, value)
    insert(this.#table, hash, entry)
    this.#size++
    return entry
  }

  /** A value in bytes of its own, or as it was given. */
  value(entry: Entry): Uint8Array | null {
    const words = this.#words[entry >>> 13]!
    const at = (entry & (UNITS_PER_PAGE - 1)) << 1
    const length = words[at + VALUE_LENGTH]!
    if (length < 0) return length === NO_VALUE ? null : this.#aside[-2 - length]!
    const page = this.#pages[entry >>> 13]!
    const from = at * 4 + HEADER_BYTES + words[at + KEY_LENGTH]!
    const value = newBytes(length)
    if (length > SMALL_BYTES) value.set(new Uint8Array(page.buffer, from, length))
    else for (let i = 0; i < length; i++) value[i] = page[from + i]!
    return value
  }

  hasValue(entry: Entry): boolean {
    return this.#word(entry, VALUE_LENGTH) !== NO_VALUE
  }

  valueLength(entry: Entry): number {
    const length = this.#word(entry, VALUE_LENGTH)
    if (length >= 0) return length
    return length === NO_VALUE ? 0 : this.#aside[-2 - length]!.length
  }

  setValue(entry: Entry, value: Uint8Array | null): void {
    const words = this.#words[entry >>> 13]!
    const at = (entry & (UNITS_PER_PAGE - 1)) << 1
    const before = words[at + VALUE_LENGTH]!
    if (before < NO_VALUE) this.#dropAside(-2 - before)
    if (value === null) {
      words[at + VALUE_LENGTH] = NO_VALUE
    } else if (value.length > words[at + CAPACITY]!) {
      words[at + VALUE_LENGTH] = -2 - this.#keepAside(value)
    } else {
      words[at + VALUE_LENGTH] = value.length
      copyBytes(value, this.#pages[entry >>> 13]!, at * 4 + HEADER_BYTES + words[at + KEY_LENGTH]!)
    }
  }

  /** A number that the owner has put on the entry. */
  mark(entry: Entry): number {
    return this.#word(entry, MARK)
  }

  setMark(entry: Entry, mark: number): void {
    this.#words[entry >>> 13]![((entry & (UNITS_PER_PAGE - 1)) << 1) + MARK] = mark
  }

  /** Removes an entry that `find` gave for the key. */
  delete(entry: Entry, key: Uint8Array, hash = hashBytes(key)): void {
    const table = this.#table
    const mask = table.length - 1
    let gap = (hash << 1) & mask
    while (table[gap + 1] !== entry) gap = (gap + 2) & mask
    // What follows moves up into the gap, unless it would come to lie before its own place.
    for (let at = (gap + 2) & mask; table[at + 1] !== NO_ENTRY; at = (at + 2) & mask) {
      const home = (table[at]! << 1) & mask
      if (((at - home) & mask) < ((at - gap) & mask)) continue
      table[gap] = table[at]!
      table[gap + 1] = table[at + 1]!
      gap = at
    }
    table[gap + 1] = NO_ENTRY
    this.setValue(entry, null)
    this.#release(entry)
    this.#size--
  }

  /** Each entry's key and value, in no order. Nothing is to be added or deleted meanwhile. */
  *entries(): Generator<readonly [Uint8Array, Uint8Array | null, Entry]> {
    for (let at = 1; at < this.#table.length; at += 2) {
      const entry = this.#table[at]!
      if (entry !== NO_ENTRY) yield [this.#key(entry), this.value(entry), entry]
    }
  }

  /** Copies of the keys with `from <= key < to` (null: open end), in no order. */
  keys(from: Uint8Array | null = null, to: Uint8Array | null = null): Uint8Array[] {
    const found: Uint8Array[] = []
    for (let at = 1; at < this.#table.length; at += 2) {
      const entry = this.#table[at]!
      if (entry === NO_ENTRY) continue
      const key = this.#key(entry)
      if ((from === null || compareBytes(key, from) >= 0) && (to === null || compareBytes(key, to) < 0)) found.push(key)
    }
    return found
  }

  clear(): void {
    if (this.#size === 0) return
    const isLarge = this.#table.length > 2 * MAX_KEPT_SLOTS
    if (isLarge) this.#table = new Int32Array(2 * FIRST_SLOTS)
    else this.#table.fill(0)
    if (isLarge || this.#hasLargePage) {
      this.#pages = []
      this.#words = []
      this.#pageBytes = 0
      this.#hasLargePage = false
    }
    this.#numKept = this.#pages.length
    this.#page = -1
    this.#used = 0
    this.#free.clear()
    this.#aside = []
    this.#freeAside = []
    this.#asideBytes = 0
    this.#size = 0
  }

  #word(entry: Entry, word: number): number {
    return this.#words[entry >>> 13]![((entry & (UNITS_PER_PAGE - 1)) << 1) + word]!
  }

  #key(entry: Entry): Uint8Array {
    const from = (entry & (UNITS_PER_PAGE - 1)) * UNIT + HEADER_BYTES
    return new Uint8Array(this.#pages[entry >>> 13]!.subarray(from, from + this.#word(entry, KEY_LENGTH)))
  }

  #hasKey(entry: Entry, key: Uint8Array): boolean {
    const { length } = key
    const at = (entry & (UNITS_PER_PAGE - 1)) << 1
    if (this.#words[entry >>> 13]![at + KEY_LENGTH] !== length) return false
    const page = this.#pages[entry >>> 13]!
    const from = at * 4 + HEADER_BYTES
    for (let i = 0; i < length; i++) if (page[from + i] !== key[i]) return false
    return true
  }

  #growTable(): void {
    const old = this.#table
    const table = new Int32Array(2 * old.length)
    for (let at = 0; at < old.length; at += 2) if (old[at + 1] !== NO_ENTRY) insert(table, old[at]!, old[at + 1]!)
    this.#table = table
  }

  #allocate(bytes: number): Entry {
    const free = this.#free.get(bytes)?.pop()
    if (free !== undefined) return free
    if (bytes > PAGE_BYTES - UNIT) {
      this.#hasLargePage = true
      return (this.#addPage(bytes + UNIT) << 13) | 1
    }
    while (this.#page < 0 || this.#used + bytes > this.#pages[this.#page]!.length) {
      if (this.#page + 1 < this.#numKept) this.#page++
      else this.#page = this.#addPage(this.#nextPageBytes(bytes))
      this.#used = UNIT
    }
    const entry = (this.#page << 13) | (this.#used / UNIT)
    this.#used += bytes
    return entry
  }

  #nextPageBytes(needed: number): number {
    return Math.min(PAGE_BYTES, Math.max(FIRST_PAGE_BYTES, align(this.#pageBytes), needed + UNIT))
  }

  /** Gives its number. The first unit of a page stays free, so that no entry is 0. */
  #addPage(bytes: number): number {
    const page = new Uint8Array(bytes)
    this.#words.push(new Int32Array(page.buffer))
    this.#pageBytes += bytes
    return this.#pages.push(page) - 1
  }

  #release(entry: Entry): void {
    const bytes = HEADER_BYTES + this.#word(entry, KEY_LENGTH) + this.#word(entry, CAPACITY)
    const free = this.#free.get(bytes)
    if (free === undefined) this.#free.set(bytes, [entry])
    else free.push(entry)
  }

  #keepAside(value: Uint8Array): number {
    const at = this.#freeAside.pop() ?? this.#aside.length
    this.#aside[at] = value
    this.#asideBytes += value.length
    return at
  }

  #dropAside(at: number): void {
    this.#asideBytes -= this.#aside[at]!.length
    this.#aside[at] = undefined
    this.#freeAside.push(at)
  }
}

function insert(table: Int32Array, hash: number, entry: Entry): void {
  const mask = table.length - 1
  let at = (hash << 1) & mask
  while (table[at + 1] !== NO_ENTRY) at = (at + 2) & mask
  table[at] = hash
  table[at + 1] = entry
}

function align(bytes: number): number {
  return (bytes + UNIT - 1) & -UNIT
}
