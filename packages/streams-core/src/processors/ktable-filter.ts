import type { ValueAndTimestamp } from '../state/value-and-timestamp.ts'
import type { Change } from './change.ts'
import { type DerivedTableOptions, DerivedTableProcessor } from './derived-table.ts'
import { derivedValueGetter } from './derived-value-getter.ts'
import type { Predicate } from './functions.ts'
import { holds } from './holds.ts'
import type { Record } from './record.ts'
import type { TableOperator } from './table-operator.ts'
import { storeValueGetter, type ValueGetterSupplier } from './value-getter.ts'

export interface KTableFilterOptions<K, V> extends DerivedTableOptions {
  readonly predicate: Predicate<K, V>
  readonly negate: boolean
  readonly parent: ValueGetterSupplier<K, V>
  /** The parent is versioned and its updates may be out of order: nothing is left out (KIP-914). */
  readonly versionedSemantics?: boolean
}

/**
 * The rows that satisfy (or, when `negate`, do not satisfy) the predicate; an update that leaves the filter becomes a deletion.
 * Where old values are known, a deletion of what was not there is left out.
 * @see org.apache.kafka.streams.kstream.internals.KTableFilter
 */
export function ktableFilter<K, V>(options: KTableFilterOptions<K, V>): TableOperator<K, Change<V>, K, V> {
  const { predicate, negate } = options
  const compute = (key: K, row: ValueAndTimestamp<V> | null) =>
    row !== null && holds(predicate(row.value, key)) !== negate ? row : null
  return {
    supplier: () => new KTableFilterProcessor(options),
    getter:
      options.storeName === undefined
        ? derivedValueGetter(options.parent, compute)
        : storeValueGetter(options.storeName),
  }
}

class KTableFilterProcessor<K, V> extends DerivedTableProcessor<K, V, V> {
  readonly #predicate: Predicate<K, V>
  readonly #negate: boolean
  readonly #versionedSemantics: boolean

  constructor(options: KTableFilterOptions<K, V>) {
    super(options)
    this.#predicate = options.predicate
    this.#negate = options.negate
    this.#versionedSemantics = options.versionedSemantics ?? false
  }

  override process(record: Record<K, Change<V>>): void {
    const newValue = this.#compute(record.key, record.value.newValue)
    const oldValue = this.#oldValue(record)
    if (!this.#versionedSemantics && this.sendOldValues && oldValue === null && newValue === null) return
    this.storeAndForward(record, newValue, oldValue)
  }

  #oldValue(record: Record<K, Change<V>>): V | null {
    if (!this.sendOldValues) return null
    return this.isMaterialized ? this.storedValue(record.key) : this.#compute(record.key, record.value.oldValue)
  }

  #compute(key: K, value: V | null): V | null {
    return value !== null && holds(this.#predicate(value, key)) !== this.#negate ? value : null
  }
}
