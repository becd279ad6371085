import { Headers } from '@millrace/serdes'
import type { ValueAndTimestamp } from '../state/value-and-timestamp.ts'
import { asInternal, type InternalProcessorContext } from './internal-processor-context.ts'
import type { ProcessorContext } from './processor.ts'
import type { ValueGetter, ValueGetterSupplier } from './value-getter.ts'
import type { ValueTransformer, ValueTransformerSupplier } from './value-transformer.ts'

/** Reads a transformed table that has no store, through a transformer of its own. */
export function transformedValueGetter<K, V, VOut>(
  parent: ValueGetterSupplier<K, V>,
  transformer: ValueTransformerSupplier<K, V, VOut>,
): ValueGetterSupplier<K, VOut> {
  return {
    get storeNames() {
      return parent.storeNames
    },
    get: () => new TransformedValueGetter(parent.get(), transformer()),
  }
}

/** The transformer sees the row's own timestamp and no topic, for the row is not a record that is being processed. */
class TransformedValueGetter<K, V, VOut> implements ValueGetter<K, VOut> {
  readonly #parent: ValueGetter<K, V>
  readonly #transformer: ValueTransformer<K, V, VOut>
  #context!: InternalProcessorContext<unknown, unknown>

  constructor(parent: ValueGetter<K, V>, transformer: ValueTransformer<K, V, VOut>) {
    this.#parent = parent
    this.#transformer = transformer
  }

  init(context: ProcessorContext<unknown, unknown>): void {
    this.#context = asInternal(context)
    this.#parent.init(context)
    this.#transformer.init?.(context)
  }

  get isVersioned(): boolean {
    return this.#parent.isVersioned
  }

  get(key: K): ValueAndTimestamp<VOut> | null {
    return this.#transform(key, this.#parent.get(key))
  }

  getAsOf(key: K, asOf: number): ValueAndTimestamp<VOut> | null {
    return this.#transform(key, this.#parent.getAsOf(key, asOf))
  }

  #transform(key: K, row: ValueAndTimestamp<V> | null): ValueAndTimestamp<VOut> | null {
    const current = this.#context.recordContext()
    const timestamp = row === null ? -1 : row.timestamp
    this.#context.setRecordContext({ timestamp, offset: -1, partition: -1, topic: undefined, headers: Headers.empty })
    const value = this.#transformer.transform(row === null ? null : row.value, key)
    this.#context.setRecordContext(current)
    return value === null ? null : { value, timestamp }
  }

  close(): void {
    this.#parent.close?.()
    this.#transformer.close?.()
  }
}
