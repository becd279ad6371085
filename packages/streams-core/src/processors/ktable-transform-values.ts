import type { Change } from './change.ts'
import { type DerivedTableOptions, DerivedTableProcessor } from './derived-table.ts'
import type { ProcessorContext } from './processor.ts'
import type { Record } from './record.ts'
import type { TableOperator } from './table-operator.ts'
import { transformedValueGetter } from './transformed-value-getter.ts'
import { storeValueGetter, type ValueGetterSupplier } from './value-getter.ts'
import type { ValueTransformer, ValueTransformerSupplier } from './value-transformer.ts'

export interface KTableTransformValuesOptions<K, V, VOut> extends DerivedTableOptions {
  readonly transformer: ValueTransformerSupplier<K, V, VOut>
  readonly parent: ValueGetterSupplier<K, V>
}

/**
 * A table with the same keys and transformed values. Deletions go through the transformer too.
 * @see org.apache.kafka.streams.kstream.internals.KTableTransformValues
 */
export function ktableTransformValues<K, V, VOut>(
  options: KTableTransformValuesOptions<K, V, VOut>,
): TableOperator<K, Change<V>, K, VOut> {
  return {
    supplier: () => new KTableTransformValuesProcessor(options),
    getter:
      options.storeName === undefined
        ? transformedValueGetter(options.parent, options.transformer)
        : storeValueGetter(options.storeName),
  }
}

class KTableTransformValuesProcessor<K, V, VOut> extends DerivedTableProcessor<K, V, VOut> {
  readonly #transformer: ValueTransformer<K, V, VOut>

  constructor(options: KTableTransformValuesOptions<K, V, VOut>) {
    super(options)
    this.#transformer = options.transformer()
  }

  override init(context: ProcessorContext<K, Change<VOut>>): void {
    this.#transformer.init?.(context)
    super.init(context)
  }

  override process(record: Record<K, Change<V>>): void {
    const newValue = this.#transformer.transform(record.value.newValue, record.key)
    this.storeAndForward(record, newValue, this.#oldValue(record))
  }

  #oldValue(record: Record<K, Change<V>>): VOut | null {
    if (!this.sendOldValues) return null
    return this.isMaterialized
      ? this.storedValue(record.key)
      : this.#transformer.transform(record.value.oldValue, record.key)
  }

  close(): void {
    this.#transformer.close?.()
  }
}
