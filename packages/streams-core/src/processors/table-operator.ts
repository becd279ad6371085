import type { Change } from './change.ts'
import type { ProcessorSupplier } from './processor.ts'
import type { ValueGetterSupplier } from './value-getter.ts'

/**
 * An operator whose result is a table: how to run it, and how others read the table.
 * Suppliers of tables exchange `Record<K, Change<V>>`.
 * @see org.apache.kafka.streams.kstream.internals.KTableProcessorSupplier
 */
export interface TableOperator<KIn, VIn, KOut, VOut> {
  readonly supplier: ProcessorSupplier<KIn, VIn, KOut, Change<VOut>>
  readonly getter: ValueGetterSupplier<KOut, VOut>
}
