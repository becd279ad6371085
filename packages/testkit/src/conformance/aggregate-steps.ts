import type { KTable, Materialized, Windowed } from '@millrace/streams-core'
import { binary } from './binaries.ts'
import { type CaseBuilder, oneFunction } from './case-builder.ts'
import type { FnSpec, Step } from './case-file.ts'
import {
  type CaseNode,
  type CogroupedNode,
  expectNode,
  type GroupedStreamNode,
  type GroupedTableNode,
  type WindowedNode,
} from './case-node.ts'
import { caseSerde } from './case-serdes.ts'
import { materialized, type StepMaterialized, storeSerdes } from './step-options.ts'
import type { Value } from './value.ts'
import { windowedByStep } from './window-steps.ts'

/** A table whose keys may be windowed: to a case they are values like any other. */
type AnyTable = KTable<Value, Value> | KTable<Windowed<Value>, Value>
/** No case gives a windowed aggregation a store of its own making. */
type WindowOptions = Omit<StepMaterialized, 'storeSupplier'> | undefined

/** The steps on what is grouped, windowed or cogrouped. */
export function aggregateStep(build: CaseBuilder, step: Step, input: CaseNode): CaseNode {
  if (step.op === 'windowedBy') return windowedByStep(step, input)
  if (step.op === 'cogroup') return cogroupStep(build, step)
  if (step.store?.name !== undefined) build.storeNames.add(step.store.name)
  const { keySerde = input.keySerde, valueSerde } = storeSerdes(step)
  return {
    kind: 'table',
    dsl: aggregated(build, step, input) as KTable<Value, Value>,
    keySerde,
    valueSerde: valueSerde ?? (step.op === 'reduce' ? input.valueSerde : undefined),
    keyWindow: input.keyWindow,
  }
}

function aggregated(build: CaseBuilder, step: Step, input: CaseNode): AnyTable {
  const options = materialized(step, step.op === 'count' ? 'json' : undefined)
  switch (input.kind) {
    case 'groupedTable':
      return fromTable(step, input, options)
    case 'groupedStream':
      return fromStream(step, input, options)
    case 'cogrouped':
      return input.dsl.aggregate(initializer(step), options)
    case 'timeWindowed':
    case 'sessionWindowed':
      return fromWindows(step, input, options)
    case 'timeWindowedCogrouped':
      return input.dsl.aggregate(initializer(step), withKeySerde(build, step, input, options))
    case 'sessionWindowedCogrouped':
      return input.dsl.aggregate(initializer(step), merger(step), withKeySerde(build, step, input, options))
    default:
      throw new RangeError(`unknown op '${step.op}' on a ${input.kind}`)
  }
}

function fromTable(step: Step, input: GroupedTableNode, options: StepMaterialized | undefined): AnyTable {
  switch (step.op) {
    case 'count':
      return counted(input.dsl, options)
    case 'reduce':
      return input.dsl.reduce(reducer(step.adder!), reducer(step.subtractor!), options)
    default:
      return input.dsl.aggregate(initializer(step), binary(step.adder!), binary(step.subtractor!), options)
  }
}

/** The name of a reduce or aggregate is heard only where there is a store, or a serde. */
function fromStream(step: Step, input: GroupedStreamNode, all: StepMaterialized | undefined): AnyTable {
  const options = Object.keys(all ?? {}).some((field) => field !== 'name') ? all : undefined
  switch (step.op) {
    case 'count':
      return counted(input.dsl, options)
    case 'reduce':
      return input.dsl.reduce(reducer(oneFunction(step, step.fn)), options)
    default:
      return input.dsl.aggregate(initializer(step), binaryOf(step), options)
  }
}

function fromWindows(
  step: Step,
  input: Extract<WindowedNode, { kind: 'timeWindowed' | 'sessionWindowed' }>,
  options: WindowOptions,
): AnyTable {
  if (step.op === 'count') return counted(input.dsl, options)
  if (step.op === 'reduce') return input.dsl.reduce(reducer(oneFunction(step, step.fn)), options)
  return input.kind === 'timeWindowed'
    ? input.dsl.aggregate(initializer(step), binaryOf(step), options)
    : input.dsl.aggregate(initializer(step), binaryOf(step), merger(step), options)
}

/** Windowed cogroups have an explicit key serde. */
function withKeySerde(build: CaseBuilder, step: Step, input: CaseNode, options: WindowOptions): WindowOptions {
  if (storeSerdes(step).keySerde !== undefined) return options
  return { ...options, keySerde: caseSerde(input.keySerde ?? build.defaults.key) }
}

function cogroupStep(build: CaseBuilder, step: Step): CogroupedNode {
  const [first, ...others] = build.nodesFrom(step).map((node) => expectNode(node, 'groupedStream'))
  const [aggregator, ...aggregators] = step.aggregators!.map(binary)
  const dsl = others.reduce(
    (cogrouped, other, i) => cogrouped.cogroup(other.dsl, aggregators[i]!),
    first!.dsl.cogroup(aggregator!),
  )
  return { ...first!, kind: 'cogrouped', dsl, valueSerde: undefined }
}

/** Counts are written with the serde of a case, which is one of any values. */
function counted(
  grouped: {
    count(materialized?: Materialized<Value, number, never>): KTable<Value, number> | KTable<Windowed<Value>, number>
  },
  options: WindowOptions,
): AnyTable {
  return grouped.count(options as Materialized<Value, number, never> | undefined) as unknown as AnyTable
}

function reducer(spec: FnSpec): (aggregate: Value, value: Value) => Value {
  const of = binary(spec)
  return (aggregate, value) => of(aggregate, value, null)
}

function binaryOf(step: Step) {
  return binary(oneFunction(step, step.fn))
}

function initializer(step: Step): () => Value {
  const text = JSON.stringify(step.init ?? null)
  return () => JSON.parse(text) as Value
}

function merger(step: Step) {
  return binary(step.merger!)
}
