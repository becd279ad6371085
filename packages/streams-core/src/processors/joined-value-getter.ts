import type { ValueAndTimestamp } from '../state/value-and-timestamp.ts'
import type { ValueJoiner } from './functions.ts'
import type { ProcessorContext } from './processor.ts'
import type { ValueGetter, ValueGetterSupplier } from './value-getter.ts'

export type TableJoinKind = 'inner' | 'left' | 'outer'

export interface JoinedTable<K, L, R, VOut> {
  readonly kind: TableJoinKind
  readonly joiner: ValueJoiner<K, L | null, R | null, VOut>
  readonly left: ValueGetterSupplier<K, L>
  readonly right: ValueGetterSupplier<K, R>
}

/** Reads a joined table that has no store: both rows are joined when it is read. It is never versioned (KIP-914). */
export function joinedValueGetter<K, L, R, VOut>(table: JoinedTable<K, L, R, VOut>): ValueGetterSupplier<K, VOut> {
  return {
    get storeNames() {
      return [...new Set([...table.left.storeNames, ...table.right.storeNames])]
    },
    get: () => new JoinedValueGetter(table),
  }
}

class JoinedValueGetter<K, L, R, VOut> implements ValueGetter<K, VOut> {
  readonly isVersioned = false
  readonly #kind: TableJoinKind
  readonly #joiner: ValueJoiner<K, L | null, R | null, VOut>
  readonly #left: ValueGetter<K, L>
  readonly #right: ValueGetter<K, R>

  constructor(table: JoinedTable<K, L, R, VOut>) {
    this.#kind = table.kind
    this.#joiner = table.joiner
    this.#left = table.left.get()
    this.#right = table.right.get()
  }

  init(context: ProcessorContext<unknown, unknown>): void {
    this.#left.init(context)
    this.#right.init(context)
  }

  get(key: K): ValueAndTimestamp<VOut> | null {
    const left = this.#left.get(key)
    if (left === null && this.#kind !== 'outer') return null
    const right = this.#right.get(key)
    if (right === null && (this.#kind === 'inner' || left === null)) return null
    const value = this.#joiner(left === null ? null : left.value, right === null ? null : right.value, key)
    const timestamp = Math.max(left === null ? -1 : left.timestamp, right === null ? -1 : right.timestamp)
    return value === null ? null : { value, timestamp }
  }

  getAsOf(): never {
    throw new TypeError('The result of a table-table join is not versioned.')
  }

  close(): void {
    this.#left.close?.()
    this.#right.close?.()
  }
}
