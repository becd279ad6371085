/**
 * Which nodes belong together: union-find by name. Nodes that are connected, or share a store, run in the same task.
 * @see org.apache.kafka.streams.processor.internals.QuickUnion
 */
export class NodeGrouper {
  readonly #parents = new Map<string, string>()

  add(name: string): void {
    this.#parents.set(name, name)
  }

  unite(name: string, others: readonly string[]): void {
    for (const other of others) {
      const root = this.#root(name)
      const otherRoot = this.#root(other)
      if (root !== otherRoot) this.#parents.set(root, otherRoot)
    }
  }

  /** The groups, numbered from 0 by their first name in the given order; names keep that order. */
  groups(names: Iterable<string>): readonly (readonly string[])[] {
    const byRoot = new Map<string, string[]>()
    for (const name of names) {
      const root = this.#root(name)
      const group = byRoot.get(root)
      if (group === undefined) byRoot.set(root, [name])
      else group.push(name)
    }
    return [...byRoot.values()]
  }

  #root(name: string): string {
    let current = name
    let parent = this.#parents.get(current)!
    while (parent !== current) {
      this.#parents.set(current, this.#parents.get(parent)!)
      current = parent
      parent = this.#parents.get(current)!
    }
    return current
  }
}
