import type {
  FlatKeyValueMapper,
  FlatValueMapper,
  ForeachAction,
  KeyMapper,
  KeyValueMapper,
  Predicate,
  ValueJoiner,
  ValueMapper,
} from '../processors/functions.ts'
import type { FixedKeyProcessorSupplier, ProcessorSupplier } from '../processors/processor.ts'
import type { TopicNameExtractor } from '../topology/extension-points.ts'
import type { JoinWindows } from '../windows/join-windows.ts'
import type {
  AsyncFlatKeyValueMapper,
  AsyncKeyValueMapper,
  AsyncOptions,
  AsyncRecordProcessor,
  AsyncValueMapper,
} from './async-options.ts'
import type { BranchedKStream } from './branched-kstream.ts'
import type { GlobalKTable } from './global-ktable.ts'
import type { Grouped, GroupedBy } from './grouped.ts'
import type { Joined } from './joined.ts'
import type { KGroupedStream } from './kgrouped-stream.ts'
import type { KTable } from './ktable.ts'
import type { Materialized } from './materialized.ts'
import type { Named } from './named.ts'
import type { Printed } from './printed.ts'
import type { ProcessOptions } from './process-options.ts'
import type { Produced, ProducedOptions, SinkTopic } from './produced.ts'
import type { Repartitioned } from './repartitioned.ts'
import type { StreamJoined } from './stream-joined.ts'

/**
 * A stream of records, each a fact of its own: a later record does not replace an earlier one of the same key.
 * Every method adds an operator below this one and leaves the stream itself as it is; nothing runs before the topology does.
 *
 * Key and value serdes go on through operators that keep the type, as in Java: `mapValues` and its like lose the value's,
 * `map` and its like both. Where one is needed and lost, it is given in the last argument.
 *
 * @see org.apache.kafka.streams.kstream.KStream
 */
export interface KStream<K, V> {
  /** Keeps the records that satisfy the predicate. A null value is given to it as null. */
  filter<VOut extends V>(predicate: (value: V, key: K) => value is VOut, named?: Named): KStream<K, VOut>
  filter(predicate: Predicate<K, V>, named?: Named): KStream<K, V>

  /** Drops the records that satisfy the predicate. */
  filterNot(predicate: Predicate<K, V>, named?: Named): KStream<K, V>

  /** Gives each record a new value. Key, timestamp and headers stay; no repartitioning follows. */
  mapValues<VOut>(mapper: ValueMapper<K, V, VOut>, named?: Named): KStream<K, VOut>

  /** Gives each record a new key and value, `[key, value]`. A later grouping or join repartitions. */
  map<KOut, VOut>(mapper: KeyValueMapper<K, V, KOut, VOut>, named?: Named): KStream<KOut, VOut>

  /** Makes none, one or more values of each; key, timestamp and headers are those of the record. */
  flatMapValues<VOut>(mapper: FlatValueMapper<K, V, VOut>, named?: Named): KStream<K, VOut>

  /** Makes none, one or more `[key, value]` of each record. A later grouping or join repartitions. */
  flatMap<KOut, VOut>(mapper: FlatKeyValueMapper<K, V, KOut, VOut>, named?: Named): KStream<KOut, VOut>

  /** Gives each record a new key. A later grouping or join repartitions. */
  selectKey<KOut>(mapper: KeyMapper<K, V, KOut>, named?: Named): KStream<KOut, V>

  /** Calls the action with each record and passes it on. Nobody waits for an async function: use `mapValuesAsync`. */
  peek(action: ForeachAction<K, V>, named?: Named): KStream<K, V>

  /** Calls the action with each record; the stream ends here. Nobody waits for an async function: use `mapValuesAsync`. */
  foreach(action: ForeachAction<K, V>, named?: Named): void

  /** Prints each record; the stream ends here. For looking at a stream during development. */
  print(printed?: Printed<K, V>): void

  /** The records of both streams. Their order is that of arrival; serdes are lost unless both streams have the same. */
  merge(other: KStream<K, V>, named?: Named): KStream<K, V>

  /** Splits the stream: each record goes to the first branch whose predicate it satisfies. */
  split(named?: Named): BranchedKStream<K, V>

  /**
   * Sends the records through a topic of the application's own, partitioned by their key.
   * The number of partitions, where given, holds for all that is joined with the result.
   */
  repartition(repartitioned?: Repartitioned<K, V>): KStream<K, V>

  /** Writes the records to a topic, or to the one that the function gives for each record. */
  to(topic: string | TopicNameExtractor<K, V>, produced?: Produced<K, V>): void
  /** Writes the records to a declared topic; the stream ends here. The topic must exist. */
  to(topic: SinkTopic<K, V>, produced?: ProducedOptions<K, V>): void

  /**
   * Reads the stream as a table: the newest value of each key, null deletes. Repartitions first where the key was changed.
   * Records with a null key are dropped and counted.
   */
  toTable(materialized?: Materialized<K, NonNullable<V>>): KTable<K, NonNullable<V>>

  /** Groups by the key that records have. Repartitions first where the key was changed. */
  groupByKey(grouped?: Grouped<K, V>): KGroupedStream<K, V>

  /**
   * Groups by a new key, and repartitions. The serde of the new key is required.
   *
   * ```ts
   * orders.groupBy((order) => order.customerId, { keySerde: Serdes.string() }).count()
   * ```
   */
  groupBy<KOut>(mapper: KeyMapper<K, V, KOut>, grouped: GroupedBy<KOut, V>): KGroupedStream<KOut, V>

  /**
   * Joins with the other stream: one result for each pair of records with equal keys whose timestamps are within the window.
   * Both streams' topics need equal numbers of partitions. Null keys and values are dropped and counted.
   * The result's timestamp is the greater of the two.
   */
  join<VOther, VOut>(
    other: KStream<K, VOther>,
    joiner: ValueJoiner<K, V, VOther, VOut>,
    windows: JoinWindows,
    streamJoined?: StreamJoined<K, V, VOther>,
  ): KStream<K, VOut>
  /**
   * Joins each record with the table's row of the same key, as it is when the record is processed; records without a row
   * are dropped. The table's changes cause no results. Topics need equal numbers of partitions.
   */
  join<VTable, VOut>(
    table: KTable<K, VTable>,
    joiner: ValueJoiner<K, V, VTable, VOut>,
    joined?: Joined<K, V, VTable>,
  ): KStream<K, VOut>
  /** Joins each record with the global table's row of the key that `keySelector` gives. Needs no equal partitioning. */
  join<KGlobal, VGlobal, VOut>(
    globalTable: GlobalKTable<KGlobal, VGlobal>,
    keySelector: KeyMapper<K, V, KGlobal | null>,
    joiner: ValueJoiner<K, V, VGlobal, VOut>,
    named?: Named,
  ): KStream<K, VOut>

  /** As `join`, with a null right side for left records without a partner, once window and grace are over. */
  leftJoin<VOther, VOut>(
    other: KStream<K, VOther>,
    joiner: ValueJoiner<K, V, VOther | null, VOut>,
    windows: JoinWindows,
    streamJoined?: StreamJoined<K, V, VOther>,
  ): KStream<K, VOut>
  /** As `join`, with a null right side for records without a row, null keys included. */
  leftJoin<VTable, VOut>(
    table: KTable<K, VTable>,
    joiner: ValueJoiner<K, V, VTable | null, VOut>,
    joined?: Joined<K, V, VTable>,
  ): KStream<K, VOut>
  /** As `join`, with a null right side for records without a row or without a selected key. */
  leftJoin<KGlobal, VGlobal, VOut>(
    globalTable: GlobalKTable<KGlobal, VGlobal>,
    keySelector: KeyMapper<K, V, KGlobal | null>,
    joiner: ValueJoiner<K, V, VGlobal | null, VOut>,
    named?: Named,
  ): KStream<K, VOut>

  /** As `join`, with a null side for records of either stream without a partner, once window and grace are over. */
  outerJoin<VOther, VOut>(
    other: KStream<K, VOther>,
    joiner: ValueJoiner<K, V | null, VOther | null, VOut>,
    windows: JoinWindows,
    streamJoined?: StreamJoined<K, V, VOther>,
  ): KStream<K, VOut>

  /** Processes each record with a processor of your own, which may keep state, schedule and change keys. */
  process<KOut, VOut>(supplier: ProcessorSupplier<K, V, KOut, VOut>, options?: ProcessOptions): KStream<KOut, VOut>

  /** As `process`, for a processor that keeps the keys: no repartitioning follows. */
  processValues<VOut>(supplier: FixedKeyProcessorSupplier<K, V, VOut>, options?: ProcessOptions): KStream<K, VOut>

  /** Gives each record the value that the promise gives. Order is kept; see {@link AsyncOptions}. */
  mapValuesAsync<VOut>(mapper: AsyncValueMapper<K, V, VOut>, options?: AsyncOptions): KStream<K, VOut>

  /** Gives each record the key and value that the promise gives. Order is kept; see {@link AsyncOptions}. */
  mapAsync<KOut, VOut>(mapper: AsyncKeyValueMapper<K, V, KOut, VOut>, options?: AsyncOptions): KStream<KOut, VOut>

  /** Makes the keys and values of each record that the promise gives. Order is kept; see {@link AsyncOptions}. */
  flatMapAsync<KOut, VOut>(
    mapper: AsyncFlatKeyValueMapper<K, V, KOut, VOut>,
    options?: AsyncOptions,
  ): KStream<KOut, VOut>

  /** Forwards the records that the promise gives. Order is kept; see {@link AsyncOptions}. */
  processAsync<KOut, VOut>(
    processor: AsyncRecordProcessor<K, V, KOut, VOut>,
    options?: AsyncOptions,
  ): KStream<KOut, VOut>
}
