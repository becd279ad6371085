import type { ValueAndTimestamp } from '../state/value-and-timestamp.ts'
import type { ProcessorContext } from './processor.ts'
import type { ValueGetter, ValueGetterSupplier } from './value-getter.ts'

/** Computes a row of a table that has no store from its parent's row. */
export type RowFunction<K, V, VOut> = (key: K, row: ValueAndTimestamp<V> | null) => ValueAndTimestamp<VOut> | null

/** Reads a table that has no store: each row is computed from the parent's when it is read. */
export function derivedValueGetter<K, V, VOut>(
  parent: ValueGetterSupplier<K, V>,
  compute: RowFunction<K, V, VOut>,
): ValueGetterSupplier<K, VOut> {
  return {
    get storeNames() {
      return parent.storeNames
    },
    get: () => new DerivedValueGetter(parent.get(), compute),
  }
}

class DerivedValueGetter<K, V, VOut> implements ValueGetter<K, VOut> {
  readonly #parent: ValueGetter<K, V>
  readonly #compute: RowFunction<K, V, VOut>

  constructor(parent: ValueGetter<K, V>, compute: RowFunction<K, V, VOut>) {
    this.#parent = parent
    this.#compute = compute
  }

  init(context: ProcessorContext<unknown, unknown>): void {
    this.#parent.init(context)
  }

  get isVersioned(): boolean {
    return this.#parent.isVersioned
  }

  get(key: K): ValueAndTimestamp<VOut> | null {
    return this.#compute(key, this.#parent.get(key))
  }

  getAsOf(key: K, asOf: number): ValueAndTimestamp<VOut> | null {
    return this.#compute(key, this.#parent.getAsOf(key, asOf))
  }

  close(): void {
    this.#parent.close?.()
  }
}
