import type { KeyMapper, KeyValueMapper, Predicate, ValueJoiner, ValueMapper } from '../processors/functions.ts'
import { ktableFilter } from '../processors/ktable-filter.ts'
import { ktableMapValues } from '../processors/ktable-map-values.ts'
import { ktableRepartitionMap } from '../processors/ktable-repartition-map.ts'
import { ktableToStream } from '../processors/ktable-to-stream.ts'
import { ktableTransformValues } from '../processors/ktable-transform-values.ts'
import type { ValueGetterSupplier } from '../processors/value-getter.ts'
import type { ValueTransformerSupplier } from '../processors/value-transformer.ts'
import type { GraphEdit } from '../topology/graph.ts'
import type { SupplierPart } from '../topology/graph-node.ts'
import type { TableFacts, TableId } from '../topology/table-facts.ts'
import type { WriteContext } from '../topology/write-context.ts'
import { DslStream, type StreamState } from './dsl-stream.ts'
import { foreignKeyJoin } from './foreign-key-join.ts'
import type { GroupedBy } from './grouped.ts'
import type { KGroupedTable } from './kgrouped-table.ts'
import { KGroupedTableImpl } from './kgrouped-table-impl.ts'
import { addOperator, KStreamImpl } from './kstream-impl.ts'
import type { ForeignKeyJoinOptions, KTable } from './ktable.ts'
import { givenStoreName, isVersioned, saysStore, tableStore } from './materialization.ts'
import type { Materialized } from './materialized.ts'
import type { Named } from './named.ts'
import { nameOr } from './names.ts'
import type { ProcessOptions } from './process-options.ts'
import { forgotten, noSerde, orElse } from './serde-refs.ts'
import { suppress } from './suppress.ts'
import type { Suppressed } from './suppressed.ts'
import { addTableOperator, type TableRecipe } from './table-node.ts'
import { type TableJoinKind, tableTableJoin } from './table-table-join.ts'

/** @see org.apache.kafka.streams.kstream.internals.KTableImpl */
export class KTableImpl<K, V> extends DslStream implements KTable<K, V> {
  readonly table: TableId
  readonly queryableStoreName: string | undefined

  constructor(graph: GraphEdit, state: StreamState, table: TableId, queryableStoreName: string | undefined) {
    super(graph, state)
    this.table = table
    this.queryableStoreName = queryableStoreName
  }

  filter<VOut extends V = V>(predicate: Predicate<K, V>, materialized?: Materialized<K, VOut>): KTable<K, VOut> {
    return this.#filter(predicate, false, materialized)
  }

  filterNot(predicate: Predicate<K, V>, materialized?: Materialized<K, V>): KTable<K, V> {
    return this.#filter(predicate, true, materialized)
  }

  mapValues<VOut>(mapper: ValueMapper<K, V, VOut | null>, materialized?: Materialized<K, VOut>): KTable<K, VOut> {
    const prefix = 'KTABLE-MAPVALUES-'
    if (saysStore(materialized) && givenStoreName(materialized) === undefined) this.graph.newStoreName(prefix)
    return this.#derive(prefix, materialized, false, (facts, context) => ({
      operator: ktableMapValues({ ...facts, mapper, parent: this.#rows(context) }),
    }))
  }

  transformValues<VOut>(
    transformer: ValueTransformerSupplier<K, V, VOut>,
    options?: Materialized<K, VOut> & ProcessOptions,
  ): KTable<K, VOut> {
    const traits = { stateStoreNames: options?.stateStoreNames }
    return this.#derive(
      'KTABLE-TRANSFORMVALUES-',
      options,
      false,
      (facts, context) => ({ operator: ktableTransformValues({ ...facts, transformer, parent: this.#rows(context) }) }),
      traits,
    )
  }

  // biome-ignore lint/suspicious/noExplicitAny: the interface holds the types with and without a new key.
  toStream(mapperOrNamed?: any, named?: Named): any {
    const mapper: KeyMapper<K, V | null, unknown> | undefined =
      typeof mapperOrNamed === 'function' ? mapperOrNamed : undefined
    const given: Named | undefined = mapper === undefined ? mapperOrNamed : named
    const name = nameOr(this.graph, given?.name, 'KTABLE-TOSTREAM-')
    const node = addOperator(this.graph, [this.state.node], name, ktableToStream() as SupplierPart)
    const stream = new KStreamImpl<K, V | null>(this.graph, { ...this.state, name, node, repartitionRequired: false })
    return mapper === undefined ? stream : stream.selectKey(mapper)
  }

  suppress(suppressed: Suppressed<K>, named?: Named): KTable<K, V> {
    return suppress(this, suppressed, named)
  }

  groupBy<KOut, VOut>(
    mapper: KeyValueMapper<K, V, KOut, VOut>,
    grouped: GroupedBy<KOut, VOut>,
  ): KGroupedTable<KOut, VOut> {
    const { graph, state } = this
    const name = nameOr(graph, grouped.name, 'KTABLE-SELECT-')
    const keySerde = orElse(grouped.keySerde, noSerde)
    const node = graph.addNode({
      kind: 'operator',
      name,
      heedsVersions: true,
      processor: {
        name,
        supplier: (context) =>
          ktableRepartitionMap({
            mapper,
            keySerde: context.keySerde(keySerde, name) as never,
            versionedSemantics: context.isVersioned(name),
          }) as SupplierPart,
      },
    })
    graph.connect([state.node], node)
    graph.demand(this.table, 'group')
    const valueSerde = orElse(grouped.valueSerde, noSerde)
    return new KGroupedTableImpl(graph, {
      name,
      node,
      sourceNames: state.sourceNames,
      keySerde,
      valueSerde,
      topicName: grouped.name,
    })
  }

  join<VOther, VOut>(
    other: KTable<K, VOther> | KTable<never, VOther>,
    joinerOrExtractor: ValueJoiner<K, V, VOther, VOut | null> | KeyMapper<K, V, unknown>,
    materializedOrJoiner?: Materialized<K, VOut> | ValueJoiner<K, V, VOther, VOut | null>,
    options?: ForeignKeyJoinOptions<K, never, VOut>,
  ): KTable<K, VOut> {
    return this.#join('inner', other, joinerOrExtractor, materializedOrJoiner, options)
  }

  leftJoin<VOther, VOut>(
    other: KTable<K, VOther> | KTable<never, VOther>,
    joinerOrExtractor: ValueJoiner<K, V, VOther | null, VOut | null> | KeyMapper<K, V, unknown>,
    materializedOrJoiner?: Materialized<K, VOut> | ValueJoiner<K, V, VOther | null, VOut | null>,
    options?: ForeignKeyJoinOptions<K, never, VOut>,
  ): KTable<K, VOut> {
    return this.#join('left', other, joinerOrExtractor, materializedOrJoiner, options)
  }

  outerJoin<VOther, VOut>(
    other: KTable<K, VOther>,
    joiner: ValueJoiner<K, V | null, VOther | null, VOut | null>,
    materialized?: Materialized<K, VOut>,
  ): KTable<K, VOut> {
    return this.#join('outer', other, joiner, materialized, undefined)
  }

  #filter<VOut>(
    predicate: Predicate<K, V>,
    negate: boolean,
    materialized: Materialized<K, VOut> | undefined,
  ): KTable<K, VOut> {
    const prefix = 'KTABLE-FILTER-'
    if (saysStore(materialized) && givenStoreName(materialized) === undefined) this.graph.newStoreName(prefix)
    return this.#derive(prefix, materialized, true, (facts, context, name) => ({
      operator: ktableFilter({
        ...facts,
        predicate,
        negate,
        parent: this.#rows(context),
        versionedSemantics: context.isVersioned(name),
      }),
    }))
  }

  /** A table computed row by row from this one. */
  #derive<VOut>(
    prefix: string,
    materialized: Materialized<K, VOut> | undefined,
    isFilter: boolean,
    make: (facts: TableFacts, context: WriteContext, name: string) => { readonly operator: unknown },
    more: Pick<TableRecipe, 'stateStoreNames'> = {},
  ): KTable<K, VOut> {
    const { graph, state } = this
    const storeName = givenStoreName(materialized)
    const name = nameOr(graph, materialized?.name, prefix)
    const keySerde = orElse(materialized?.keySerde, state.keySerde)
    const valueAbove = isFilter ? state.valueSerde : noSerde
    const valueSerde = orElse(materialized?.valueSerde, valueAbove)
    const { node, table } = addTableOperator(graph, [state.node], {
      ...more,
      name,
      shape: { kind: 'derived', parent: this.table, storeName, isFilter },
      store:
        storeName === undefined
          ? undefined
          : tableStore(
              storeName,
              materialized,
              orElse(materialized?.keySerde, forgotten(state.keySerde)),
              orElse(materialized?.valueSerde, forgotten(valueAbove)),
            ),
      operator: (facts, context) => make(facts, context, name).operator,
      traits: {
        ...(saysStore(materialized) ? { outputVersioned: isVersioned(materialized) } : {}),
        ...(isFilter ? { heedsVersions: true } : {}),
      },
    })
    return new KTableImpl<K, VOut>(graph, { ...state, name, node, keySerde, valueSerde }, table, storeName)
  }

  #rows(context: WriteContext): ValueGetterSupplier<K, V> {
    return context.getter(this.table) as ValueGetterSupplier<K, V>
  }

  #join<VOut>(kind: TableJoinKind, other: unknown, first: unknown, second: unknown, third: unknown): KTable<K, VOut> {
    if (typeof second === 'function') {
      const options = (third ?? {}) as ForeignKeyJoinOptions<K, unknown, VOut>
      return foreignKeyJoin(this, other as KTableImpl<unknown, unknown>, {
        foreignKeyExtractor: first as never,
        joiner: second as never,
        leftJoin: kind === 'left',
        options,
      })
    }
    return tableTableJoin(this, kind, other as KTableImpl<K, unknown>, first as never, second as Materialized<K, VOut>)
  }
}
