import type { Serde } from '@millrace/serdes'
import type { ValueGetterSupplier } from '../processors/value-getter.ts'
import type { SerdeRef } from './serde-ref.ts'
import type { AnyTableOperator, TableFacts, TableId } from './table-facts.ts'

/** What operators are told when they are made: everything that is known only when the whole graph is. */
export interface WriteContext {
  readonly javaQuirks: boolean
  table(id: TableId): TableFacts
  operator(id: TableId): AnyTableOperator
  /** How to read a table's rows. */
  getter(id: TableId): ValueGetterSupplier<unknown, unknown>
  /** True when the operator's input (the one of that name, if it has several) is a versioned table. */
  isVersioned(operatorName: string, parentName?: string): boolean
  /** @throws TopologyError naming the operator when neither a serde nor a default is given */
  keySerde(ref: SerdeRef, operatorName: string): Serde<unknown>
  /** @throws TopologyError likewise */
  valueSerde(ref: SerdeRef, operatorName: string): Serde<unknown>
}
