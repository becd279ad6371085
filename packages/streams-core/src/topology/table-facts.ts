import type { TableOperator } from '../processors/table-operator.ts'

/** Numbers the tables of one graph in the order in which they were made. */
export type TableId = number

/** An operator of any table: types of rows are checked where the user calls, not here. */
export type AnyTableOperator = TableOperator<unknown, unknown, unknown, unknown>

/** What becomes of a table: which store it has, if any, and whether its changes carry old values. */
export interface TableFacts {
  readonly storeName: string | undefined
  readonly sendOldValues: boolean
  /** True when the old values reach a grouped table, as they are or computed row by row. */
  readonly isGrouped: boolean
  /** Stores that a reader of the table's rows must be connected to. */
  readonly readerStoreNames: readonly string[]
}
