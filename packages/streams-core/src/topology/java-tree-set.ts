interface Entry<T> {
  readonly value: T
  left: Entry<T> | undefined
  right: Entry<T> | undefined
  parent: Entry<T> | undefined
  red: boolean
}

/**
 * A red-black tree that puts values where Java's `TreeSet` does. It matters where the comparison of values changes between two
 * insertions, as it does while Java describes a topology: the order then depends on the shape of the tree.
 * @see java.util.TreeMap
 */
export class JavaTreeSet<T> implements Iterable<T> {
  readonly #compare: (a: T, b: T) => number
  #root: Entry<T> | undefined

  constructor(compare: (a: T, b: T) => number) {
    this.#compare = compare
  }

  add(value: T): void {
    let parent: Entry<T> | undefined
    let toLeft = false
    for (let at = this.#root; at !== undefined; at = toLeft ? at.left : at.right) {
      const order = this.#compare(value, at.value)
      if (order === 0) return
      parent = at
      toLeft = order < 0
    }
    const entry: Entry<T> = { value, left: undefined, right: undefined, parent, red: true }
    if (parent === undefined) this.#root = entry
    else if (toLeft) parent.left = entry
    else parent.right = entry
    this.#rebalance(entry)
  }

  *[Symbol.iterator](): Generator<T> {
    yield* walk(this.#root)
  }

  #rebalance(inserted: Entry<T>): void {
    let entry = inserted
    while (entry.parent?.red) {
      const parent = entry.parent
      const grandparent = parent.parent!
      const isLeft = parent === grandparent.left
      const uncle = isLeft ? grandparent.right : grandparent.left
      if (uncle?.red) {
        parent.red = false
        uncle.red = false
        grandparent.red = true
        entry = grandparent
        continue
      }
      let top = parent
      if (entry === (isLeft ? parent.right : parent.left)) {
        this.#rotate(parent, isLeft)
        top = entry
        entry = parent
      }
      top.red = false
      grandparent.red = true
      this.#rotate(grandparent, !isLeft)
    }
    this.#root!.red = false
  }

  /** Lets the right (or left) child take the entry's place. */
  #rotate(entry: Entry<T>, leftwards: boolean): void {
    const riser = (leftwards ? entry.right : entry.left)!
    const handed = leftwards ? riser.left : riser.right
    if (leftwards) entry.right = handed
    else entry.left = handed
    if (handed !== undefined) handed.parent = entry
    riser.parent = entry.parent
    if (entry.parent === undefined) this.#root = riser
    else if (entry.parent.left === entry) entry.parent.left = riser
    else entry.parent.right = riser
    if (leftwards) riser.left = entry
    else riser.right = entry
    entry.parent = riser
  }
}

function* walk<T>(entry: Entry<T> | undefined): Generator<T> {
  if (entry === undefined) return
  yield* walk(entry.left)
  yield entry.value
  yield* walk(entry.right)
}
