import type { AnyTableOperator, TableFacts, TableId } from './table-facts.ts'
import type { WriteContext } from './write-context.ts'

/** A table of the DSL: how it comes by its rows, and how its operator is made once it is known who reads it. */
export interface TableDefinition {
  readonly id: TableId
  readonly shape: TableShape
  readonly operator: (context: WriteContext) => AnyTableOperator
}

export type TableShape =
  /** Read from a topic or stream. It keeps a store when it was given a name, or when someone needs its values. */
  | { readonly kind: 'source'; readonly storeName: string; readonly queryable: boolean }
  /** An aggregation: it always has a store. */
  | { readonly kind: 'aggregate'; readonly storeName: string }
  /** Computed row by row from another; a filter asks for old values where they cost nothing. */
  | {
      readonly kind: 'derived'
      readonly parent: TableId
      readonly storeName: string | undefined
      readonly isFilter: boolean
    }
  | { readonly kind: 'suppressed'; readonly parent: TableId; readonly storeName: string }
  | { readonly kind: 'joined'; readonly left: TableId; readonly right: TableId; readonly storeName: string | undefined }

/** One thing that an operator asks of a table above it. Order matters: see {@link settleTables}. */
export interface TableDemand {
  readonly table: TableId
  /**
   * `made`: the table itself came into being. `old-values`: each change must carry the row before. `group`: the same, and the row
   * before is taken out of an aggregate. `rows`: rows must be readable.
   */
  readonly want: 'made' | 'old-values' | 'group' | 'rows'
}

/**
 * Decides which tables are materialised and which send old values, from what is asked of them, in the order of the calls:
 * a filter gets old values only if the table above has a store by then, as in Java.
 * @see org.apache.kafka.streams.kstream.internals.KTableImpl#enableSendingOldValues
 */
export function settleTables(
  tables: readonly TableDefinition[],
  demands: readonly TableDemand[],
): readonly TableFacts[] {
  const materialised = tables.map(({ shape }) => shape.kind !== 'source' || shape.queryable)
  const sends = tables.map(() => false)
  const promised = tables.map(() => false)
  const grouped = tables.map(() => false)

  /** False: the table cannot send old values without a store, and none is forced on it. */
  function sendOldValues(id: TableId, force: boolean): boolean {
    if (promised[id]) return true
    const { shape } = tables[id]!
    switch (shape.kind) {
      case 'source':
        if (!force && !materialised[id]) return false
        materialised[id] = true
        sends[id] = true
        break
      case 'aggregate':
        sends[id] = true
        break
      case 'derived':
        if (shape.storeName !== undefined || sendOldValues(shape.parent, force)) sends[id] = true
        if (!sends[id]) return false
        break
      case 'suppressed':
        if (!sendOldValues(shape.parent, force)) return false
        break
      case 'joined':
        sendOldValues(shape.left, true)
        sendOldValues(shape.right, true)
        sends[id] = true
        break
    }
    promised[id] = true
    return true
  }

  function group(id: TableId): void {
    const { shape } = tables[id]!
    if (grouped[id]) return
    grouped[id] = true
    if (shape.kind === 'suppressed' || (shape.kind === 'derived' && shape.storeName === undefined)) group(shape.parent)
    else if (shape.kind === 'joined') for (const side of [shape.left, shape.right]) group(side)
  }

  function makeReadable(id: TableId): void {
    const { shape } = tables[id]!
    if (shape.kind === 'source') materialised[id] = true
    else if (shape.kind === 'suppressed' || (shape.kind === 'derived' && shape.storeName === undefined)) {
      makeReadable(shape.parent)
    }
  }

  for (const { table, want } of demands) {
    const { shape } = tables[table]!
    if (want === 'group') group(table)
    if (want === 'old-values' || want === 'group') sendOldValues(table, true)
    else if (want === 'rows') makeReadable(table)
    else if (shape.kind === 'suppressed') sendOldValues(shape.parent, true)
    else if (shape.kind === 'derived' && shape.isFilter) sends[table] = sendOldValues(shape.parent, false)
  }

  function readerStoreNames(id: TableId): readonly string[] {
    const { shape } = tables[id]!
    switch (shape.kind) {
      case 'source':
      case 'aggregate':
        return [shape.storeName]
      case 'derived':
        return shape.storeName === undefined ? readerStoreNames(shape.parent) : [shape.storeName]
      case 'suppressed':
        return [shape.storeName, ...readerStoreNames(shape.parent)]
      case 'joined': {
        if (shape.storeName !== undefined) return [shape.storeName]
        return [...new Set([...readerStoreNames(shape.left), ...readerStoreNames(shape.right)])]
      }
    }
  }

  return tables.map(({ shape }, id) => ({
    storeName: materialised[id] ? shape.storeName : undefined,
    sendOldValues: sends[id]!,
    isGrouped: grouped[id]!,
    readerStoreNames: readerStoreNames(id),
  }))
}
