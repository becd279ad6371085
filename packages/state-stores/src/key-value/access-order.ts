import type { BinaryKey } from '../binary-key.ts'

interface Link {
  readonly key: BinaryKey
  older: Link | undefined
  newer: Link | undefined
}

/**
 * Keys by their last use: a linked list with a Map into it. All operations take constant time. (Taking the first key of a Map
 * and deleting it, over and over, does not: the Map walks over all the holes at its front.)
 */
export class AccessOrder {
  readonly #links = new Map<BinaryKey, Link>()
  #eldest: Link | undefined
  #newest: Link | undefined

  get size(): number {
    return this.#links.size
  }

  /** The key that was not used for the longest time. */
  get eldest(): BinaryKey | undefined {
    return this.#eldest?.key
  }

  /** Makes the key the newest one, adding it if needed. */
  use(key: BinaryKey): void {
    let link = this.#links.get(key)
    if (link === undefined) {
      link = { key, older: undefined, newer: undefined }
      this.#links.set(key, link)
    } else {
      if (link === this.#newest) return
      this.#unlink(link)
    }
    link.older = this.#newest
    link.newer = undefined
    if (this.#newest === undefined) this.#eldest = link
    else this.#newest.newer = link
    this.#newest = link
  }

  delete(key: BinaryKey): void {
    const link = this.#links.get(key)
    if (link === undefined) return
    this.#links.delete(key)
    this.#unlink(link)
  }

  clear(): void {
    this.#links.clear()
    this.#eldest = undefined
    this.#newest = undefined
  }

  #unlink(link: Link): void {
    if (link.older === undefined) this.#eldest = link.newer
    else link.older.newer = link.newer
    if (link.newer === undefined) this.#newest = link.older
    else link.newer.older = link.older
  }
}
