import { TopologyError } from '../errors.ts'
import type { AnyStoreSupplier, TableStoreSupplier } from '../state/store-supplier.ts'
import type { GraphEdit } from '../topology/graph.ts'
import { CHANGELOG_SUFFIX, validateName } from '../topology/node-names.ts'
import type { SerdeRef } from '../topology/serde-ref.ts'
import type { TableStoreSpec } from '../topology/store-spec.ts'
import type { Materialized, TopicConfig } from './materialized.ts'

/** True when something is said about a store, beside the operator's name. It decides how names are generated, as in Java. */
export function saysStore<K, V, S extends AnyStoreSupplier>(materialized: Materialized<K, V, S> | undefined): boolean {
  if (materialized === undefined) return false
  const { storeName, storeSupplier, storeType, keySerde, valueSerde, caching, logging, retentionMs } = materialized
  return [storeName, storeSupplier, storeType, keySerde, valueSerde, caching, logging, retentionMs].some(
    (said) => said !== undefined,
  )
}

/**
 * The store's name as the user gave it. @throws TopologyError for a name or settings that are not allowed
 */
export function givenStoreName<K, V, S extends AnyStoreSupplier>(
  materialized: Materialized<K, V, S> | undefined,
): string | undefined {
  if (materialized?.storeSupplier !== undefined) {
    if (materialized.storeType !== undefined) {
      throw new TopologyError(
        `Store '${materialized.storeSupplier.name}' is given a supplier and a store type. Leave out one of the two.`,
      )
    }
    return materialized.storeSupplier.name
  }
  return materialized?.storeName === undefined ? undefined : validateName(materialized.storeName)
}

/** The store's name: given, else generated and noted as such. */
export function storeNameOr<K, V, S extends AnyStoreSupplier>(
  graph: GraphEdit,
  materialized: Materialized<K, V, S> | undefined,
  prefix: string,
): string {
  const given = givenStoreName(materialized)
  if (given !== undefined) return given
  const name = graph.newStoreName(prefix)
  noteGeneratedStore(graph, name, materialized?.logging !== false)
  return name
}

/** Notes a store to which no one gave a name, and its changelog. */
export function noteGeneratedStore(graph: GraphEdit, name: string, logging: boolean): void {
  graph.noteImplicitName(logging ? { stateStore: name, changelogTopic: name + CHANGELOG_SUFFIX } : { stateStore: name })
}

/** Settings of the changelog; undefined: there is none. */
export function logConfigOf(logging: boolean | TopicConfig | undefined): TopicConfig | undefined {
  if (logging === false) return undefined
  return typeof logging === 'object' ? logging : {}
}

/** How long a windowed store keeps its rows. @throws TopologyError when that is shorter than a window and its grace */
export function retentionOf(storeName: string, retentionMs: number | undefined, leastMs: number, why: string): number {
  if (retentionMs === undefined) return leastMs
  if (retentionMs >= leastMs) return retentionMs
  throw new TopologyError(
    `Store '${storeName}' has a retention of ${retentionMs} ms, but ${why} need ${leastMs} ms. Keep them at least that long.`,
  )
}

/** The store of a table that is not windowed. */
export function tableStore<K, V>(
  name: string,
  materialized: Materialized<K, V, TableStoreSupplier> | undefined,
  keySerde: SerdeRef,
  valueSerde: SerdeRef,
): TableStoreSpec {
  return Object.freeze({
    kind: 'table',
    name,
    keySerde,
    valueSerde,
    storeType: materialized?.storeType,
    supplier: materialized?.storeSupplier,
    caching: materialized?.caching !== false,
    logConfig: logConfigOf(materialized?.logging),
  })
}

/** True when the store given keeps versions. */
export function isVersioned<K, V, S extends AnyStoreSupplier>(
  materialized: Materialized<K, V, S> | undefined,
): boolean {
  return materialized?.storeSupplier?.kind === 'versioned'
}
