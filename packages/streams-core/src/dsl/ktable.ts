import type { KeyMapper, KeyValueMapper, Predicate, ValueJoiner, ValueMapper } from '../processors/functions.ts'
import type { ValueTransformerSupplier } from '../processors/value-transformer.ts'
import type { GroupedBy } from './grouped.ts'
import type { KGroupedTable } from './kgrouped-table.ts'
import type { KStream } from './kstream.ts'
import type { Materialized } from './materialized.ts'
import type { Named } from './named.ts'
import type { ProcessOptions } from './process-options.ts'
import type { Suppressed } from './suppressed.ts'
import type { TableJoined } from './table-joined.ts'

/**
 * A table: the newest value of each key. A null value deletes the key. Operators below it see each change.
 *
 * Whether a table keeps a store is decided as in Java: a `storeName`, `storeSupplier` or a reader that needs the values makes
 * one; other tables compute theirs from the table above.
 *
 * @see org.apache.kafka.streams.kstream.KTable
 */
export interface KTable<K, V> {
  /** The name of the store under which the table can be queried; undefined when there is none. */
  readonly queryableStoreName: string | undefined

  /** The rows that satisfy the predicate. A row that no longer does is deleted. */
  filter<VOut extends V>(
    predicate: (value: V, key: K) => value is VOut,
    materialized?: Materialized<K, VOut>,
  ): KTable<K, VOut>
  filter(predicate: Predicate<K, V>, materialized?: Materialized<K, V>): KTable<K, V>

  /** The rows that do not satisfy the predicate. */
  filterNot(predicate: Predicate<K, V>, materialized?: Materialized<K, V>): KTable<K, V>

  /** A table with the same keys and other values; null deletes. It is not called for deletions. */
  mapValues<VOut>(mapper: ValueMapper<K, V, VOut | null>, materialized?: Materialized<K, VOut>): KTable<K, VOut>

  /** As `mapValues`, by a transformer with access to stores and punctuation. It is called for deletions too. */
  transformValues<VOut>(
    transformer: ValueTransformerSupplier<K, V, VOut>,
    options?: Materialized<K, VOut> & ProcessOptions,
  ): KTable<K, VOut>

  /** The table's changes as a stream with a new key for each record; a deletion is a record with null value. */
  toStream<KOut>(mapper: KeyMapper<K, V | null, KOut>, named?: Named): KStream<KOut, V | null>
  /** The table's changes as a stream; a deletion is a record with null value. */
  toStream(named?: Named): KStream<K, V | null>

  /**
   * Holds back changes, so that fewer or only final ones go on.
   *
   * ```ts
   * counts.suppress(Suppressed.untilWindowCloses())
   * ```
   *
   * @throws TopologyError for a versioned table, and for `untilWindowCloses` on a table without windows
   */
  suppress(suppressed: Suppressed<K>, named?: Named): KTable<K, V>

  /** Groups the rows by a new key, with a new value, `[key, value]`, and repartitions. Rows of a null key or value are left out. */
  groupBy<KOut, VOut>(
    mapper: KeyValueMapper<K, V, KOut, VOut>,
    grouped: GroupedBy<KOut, VOut>,
  ): KGroupedTable<KOut, VOut>

  /**
   * Joins each row with the row of the other table whose key `foreignKeyExtractor` gives; null: with none. Needs no equal partitioning.
   * @see KIP-213
   */
  join<KOther, VOther, VOut>(
    other: KTable<KOther, VOther>,
    foreignKeyExtractor: KeyMapper<K, V, KOther | null>,
    joiner: ValueJoiner<K, V, VOther, VOut | null>,
    options?: ForeignKeyJoinOptions<K, KOther, VOut>,
  ): KTable<K, VOut>
  /** Joins rows of equal keys. Topics need equal numbers of partitions. */
  join<VOther, VOut>(
    other: KTable<K, VOther>,
    joiner: ValueJoiner<K, V, VOther, VOut | null>,
    materialized?: Materialized<K, VOut>,
  ): KTable<K, VOut>

  /** As `join` on a foreign key, with a null right side for rows without a partner. */
  leftJoin<KOther, VOther, VOut>(
    other: KTable<KOther, VOther>,
    foreignKeyExtractor: KeyMapper<K, V, KOther | null>,
    joiner: ValueJoiner<K, V, VOther | null, VOut | null>,
    options?: ForeignKeyJoinOptions<K, KOther, VOut>,
  ): KTable<K, VOut>
  /** As `join`, with a null right side for rows without a partner. */
  leftJoin<VOther, VOut>(
    other: KTable<K, VOther>,
    joiner: ValueJoiner<K, V, VOther | null, VOut | null>,
    materialized?: Materialized<K, VOut>,
  ): KTable<K, VOut>

  /** As `join`, with a null side for rows of either table without a partner. */
  outerJoin<VOther, VOut>(
    other: KTable<K, VOther>,
    joiner: ValueJoiner<K, V | null, VOther | null, VOut | null>,
    materialized?: Materialized<K, VOut>,
  ): KTable<K, VOut>
}

/** Names, partitioners and the store of a foreign-key join. */
export interface ForeignKeyJoinOptions<K, KOther, VOut> extends TableJoined<K, KOther>, Materialized<K, VOut> {}
