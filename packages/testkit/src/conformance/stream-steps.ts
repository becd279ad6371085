import type { KStream, KTable, Materialized } from '@millrace/streams-core'
import { cannedFixedKeyProcessor, cannedProcessor } from './canned-processors.ts'
import { type CaseBuilder, oneFunction } from './case-builder.ts'
import type { BranchSpec, Step } from './case-file.ts'
import type { CaseNode, StreamNode } from './case-node.ts'
import { caseSerde } from './case-serdes.ts'
import { streamJoinStep } from './join-steps.ts'
import { list } from './lists.ts'
import { predicate } from './predicates.ts'
import { scalar } from './scalars.ts'
import { materialized, named, optionalSerde, storeSerdes } from './step-options.ts'
import type { Value } from './value.ts'

/** The steps on a stream. Undefined where the stream ends. */
export function streamStep(build: CaseBuilder, step: Step, input: StreamNode): CaseNode | undefined {
  const name = named(step)
  const stream = input.dsl
  const sameKey = (dsl: KStream<Value, Value>): StreamNode => ({ ...input, dsl, valueSerde: undefined })
  const newRecords = (dsl: KStream<Value, Value>): StreamNode => ({
    kind: 'stream',
    dsl,
    keySerde: undefined,
    valueSerde: undefined,
    keyWindow: undefined,
  })
  switch (step.op) {
    case 'filter':
      return { ...input, dsl: stream.filter(predicate(oneFunction(step, step.fn)), name) }
    case 'filterNot':
      return { ...input, dsl: stream.filterNot(predicate(oneFunction(step, step.fn)), name) }
    case 'map': {
      const [key, value] = [scalar(step.key!), scalar(step.value!)]
      return newRecords(stream.map((v, k) => [key(v, k), value(v, k)], name))
    }
    case 'mapValues':
      return sameKey(stream.mapValues(scalar(step.fn!), name))
    case 'flatMap':
      return newRecords(stream.flatMap(flatMapper(step), name))
    case 'flatMapValues':
      return sameKey(stream.flatMapValues(list(step.list!) as (value: Value, key: Value) => readonly Value[], name))
    case 'selectKey':
      return { ...newRecords(stream.selectKey(scalar(step.fn!), name)), valueSerde: input.valueSerde }
    case 'peek':
      return { ...input, dsl: stream.peek(build.observer(step), name) }
    case 'foreach':
      stream.foreach(build.observer(step), name)
      return undefined
    case 'split':
      splitStep(build, step, input)
      return undefined
    case 'merge': {
      const other = build.nodesFrom(step)[1] as StreamNode
      return { ...newRecords(stream.merge(other.dsl, name)), keyWindow: input.keyWindow }
    }
    case 'repartition':
      return {
        ...input,
        keySerde: step.keySerde ?? input.keySerde,
        valueSerde: step.valueSerde ?? input.valueSerde,
        dsl: stream.repartition({ ...serdesAndName(step), numberOfPartitions: step.partitions }),
      }
    case 'to':
      toStep(build, step, input)
      return undefined
    case 'toTable': {
      if (step.store?.name !== undefined) build.storeNames.add(step.store.name)
      const { keySerde = input.keySerde, valueSerde = input.valueSerde } = storeSerdes(step)
      const dsl = stream.toTable(materialized(step) as Materialized<Value, NonNullable<Value>>)
      return { ...input, kind: 'table', keySerde, valueSerde, dsl: dsl as unknown as KTable<Value, Value> }
    }
    case 'groupByKey':
    case 'groupBy':
      return groupStep(build, step, input)
    case 'join':
    case 'leftJoin':
    case 'outerJoin':
      return streamJoinStep(build, step, input)
    case 'process':
      return newRecords(stream.process(cannedProcessor(step.processor!), processOptions(step)))
    case 'processValues':
      return sameKey(stream.processValues(cannedFixedKeyProcessor(step.processor!), processOptions(step)))
    default:
      throw new RangeError(`unknown op '${step.op}' on a stream`)
  }
}

/** For each element, with the element as value and the record's key as key, a new key and value. */
function flatMapper(step: Step) {
  const elements = list(step.list!)
  const [key, value] = [scalar(step.key!), scalar(step.value!)]
  return (v: Value, k: Value) =>
    elements(v, k)?.map((element) => [key(element, k), value(element, k)] as const) as (readonly [Value, Value])[]
}

function splitStep(build: CaseBuilder, step: Step, input: StreamNode): void {
  const branched = (branch: BranchSpec) => ({
    ...(branch.name === undefined ? {} : { name: branch.name }),
    withConsumer: (dsl: KStream<Value, Value>) => build.setNode(branch.id, { ...input, dsl }),
  })
  let branches = input.dsl.split(named(step))
  for (const branch of step.branches!) branches = branches.branch(predicate(branch.when!), branched(branch))
  if (step.default === undefined) branches.noDefaultBranch()
  else branches.defaultBranch(branched(step.default))
}

function toStep(build: CaseBuilder, step: Step, input: StreamNode): void {
  const produced = serdesAndName(step)
  if (step.topicFn === undefined) {
    input.dsl.to(step.topic!, produced)
    build.addSink(step.topic!, step, input)
    return
  }
  const topicOf = scalar(step.topicFn)
  const topicFn = (value: Value, key: Value) => topicOf(value, key) as string
  topicFn.toString = () => 'topicFn'
  input.dsl.to(topicFn, produced)
  for (const topic of step.topics!) build.addSink(topic, step, input)
}

/** Groupings have an explicit key serde, but for windowed keys, which no serde of a case can write. */
function groupStep(build: CaseBuilder, step: Step, input: StreamNode): CaseNode {
  const valueSerde = step.valueSerde ?? input.valueSerde
  const options = { ...named(step), valueSerde: optionalSerde(step.valueSerde) }
  if (step.op === 'groupBy') {
    const keySerde = caseSerde(step.keySerde ?? build.defaults.key)
    const dsl = input.dsl.groupBy(scalar(step.key!), { ...options, keySerde })
    return { kind: 'groupedStream', dsl, keySerde: step.keySerde, valueSerde, keyWindow: undefined }
  }
  const name = step.keySerde ?? (input.keyWindow === undefined ? (input.keySerde ?? build.defaults.key) : undefined)
  const dsl = input.dsl.groupByKey({ ...options, keySerde: optionalSerde(name) })
  return { ...input, kind: 'groupedStream', dsl, keySerde: step.keySerde ?? input.keySerde, valueSerde }
}

function serdesAndName(step: Step) {
  return {
    ...named(step),
    keySerde: optionalSerde(step.keySerde),
    valueSerde: optionalSerde(step.valueSerde),
  }
}

function processOptions(step: Step) {
  return { ...named(step), stateStoreNames: step.stores ?? [] }
}
