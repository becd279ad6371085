import type { ValueAndTimestamp } from '../state/value-and-timestamp.ts'
import type { Change } from './change.ts'
import { type DerivedTableOptions, DerivedTableProcessor } from './derived-table.ts'
import { derivedValueGetter } from './derived-value-getter.ts'
import type { ValueMapper } from './functions.ts'
import type { Record } from './record.ts'
import type { TableOperator } from './table-operator.ts'
import { storeValueGetter, type ValueGetterSupplier } from './value-getter.ts'

export interface KTableMapValuesOptions<K, V, VOut> extends DerivedTableOptions {
  readonly mapper: ValueMapper<K, V, VOut | null>
  readonly parent: ValueGetterSupplier<K, V>
}

/**
 * A table with the same keys and mapped values. Deletions pass without a call of the mapper; a null from the mapper deletes.
 * @see org.apache.kafka.streams.kstream.internals.KTableMapValues
 */
export function ktableMapValues<K, V, VOut>(
  options: KTableMapValuesOptions<K, V, VOut>,
): TableOperator<K, Change<V>, K, VOut> {
  const { mapper } = options
  const compute = (key: K, row: ValueAndTimestamp<V> | null) => {
    const value = row === null ? null : mapper(row.value, key)
    return value === null ? null : { value, timestamp: row!.timestamp }
  }
  return {
    supplier: () => new KTableMapValuesProcessor(options),
    getter:
      options.storeName === undefined
        ? derivedValueGetter(options.parent, compute)
        : storeValueGetter(options.storeName),
  }
}

class KTableMapValuesProcessor<K, V, VOut> extends DerivedTableProcessor<K, V, VOut> {
  readonly #mapper: ValueMapper<K, V, VOut | null>

  constructor(options: KTableMapValuesOptions<K, V, VOut>) {
    super(options)
    this.#mapper = options.mapper
  }

  override process(record: Record<K, Change<V>>): void {
    const { key, value: change } = record
    const newValue = change.newValue === null ? null : this.#mapper(change.newValue, key)
    this.storeAndForward(record, newValue, this.#oldValue(key, change))
  }

  #oldValue(key: K, change: Change<V>): VOut | null {
    if (!this.sendOldValues) return null
    if (this.isMaterialized) return this.storedValue(key)
    return change.oldValue === null ? null : this.#mapper(change.oldValue, key)
  }
}
