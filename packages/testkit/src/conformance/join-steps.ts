import { JoinWindows } from '@millrace/streams-core'
import { type Binary, binary } from './binaries.ts'
import type { CaseBuilder } from './case-builder.ts'
import type { JoinWindowSpec, Step } from './case-file.ts'
import type { CaseNode, GlobalTableNode, StreamNode, TableNode } from './case-node.ts'
import { scalar } from './scalars.ts'
import { materialized, named, optionalSerde, storeSerdes } from './step-options.ts'
import type { Value } from './value.ts'

/** A stream joined with a stream, a table or a global table. */
export function streamJoinStep(build: CaseBuilder, step: Step, input: StreamNode): CaseNode {
  const other = build.nodesFrom(step)[1]!
  const result = { ...input, valueSerde: undefined }
  if (other.kind === 'globalTable') return { ...result, dsl: globalJoin(step, input, other) }
  const keySerde = step.keySerde ?? input.keySerde
  if (other.kind === 'stream') return { ...result, keySerde, keyWindow: undefined, dsl: streamJoin(step, input, other) }
  return { ...result, keySerde, dsl: tableJoin(step, input, other as TableNode) }
}

function globalJoin(step: Step, input: StreamNode, other: GlobalTableNode) {
  const [key, joiner, name] = [scalar(step.key!), joinerOf(step), named(step)]
  return step.op === 'join'
    ? input.dsl.join<Value, Value, Value>(other.dsl, key, joiner, name)
    : input.dsl.leftJoin<Value, Value, Value>(other.dsl, key, joiner, name)
}

function tableJoin(step: Step, input: StreamNode, other: TableNode) {
  const joiner = joinerOf(step)
  const joined = { ...joinSerdes(step), gracePeriodMs: step.grace }
  return step.op === 'join'
    ? input.dsl.join<Value, Value>(other.dsl, joiner, joined)
    : input.dsl.leftJoin<Value, Value>(other.dsl, joiner, joined)
}

function streamJoin(step: Step, input: StreamNode, other: StreamNode) {
  const joiner = joinerOf(step)
  const windows = joinWindows(step.window as JoinWindowSpec)
  const joined = {
    ...joinSerdes(step),
    storeName: step.storeName,
    storeType: storeTypes[step.storeKind ?? 'default'],
    logging: step.logging,
  }
  switch (step.op) {
    case 'join':
      return input.dsl.join<Value, Value>(other.dsl, joiner, windows, joined)
    case 'leftJoin':
      return input.dsl.leftJoin<Value, Value>(other.dsl, joiner, windows, joined)
    default:
      return input.dsl.outerJoin<Value, Value>(other.dsl, joiner, windows, joined)
  }
}

/** Only a joiner that says the key in its name gets it. */
function joinerOf(step: Step): Binary {
  const joiner = binary(step.joiner!)
  return step.joiner!.fn === 'keyConcat' ? joiner : (left, right) => joiner(left, right, null)
}

const storeTypes = { inMemory: 'in_memory', persistent: 'rocksDB', default: undefined } as const

function joinSerdes(step: Step) {
  return {
    ...named(step),
    keySerde: optionalSerde(step.keySerde),
    valueSerde: optionalSerde(step.valueSerde),
    otherValueSerde: optionalSerde(step.otherValueSerde),
  }
}

/** First both sides are `difference` (or the greater of both), then `before` and `after` are set where given. */
function joinWindows(spec: JoinWindowSpec): JoinWindows {
  const difference = spec.difference ?? Math.max(spec.before!, spec.after!)
  let windows =
    spec.grace === undefined
      ? JoinWindows.ofTimeDifferenceWithNoGrace(difference)
      : JoinWindows.ofTimeDifferenceAndGrace(difference, spec.grace)
  if (spec.before !== undefined) windows = windows.before(spec.before)
  if (spec.after !== undefined) windows = windows.after(spec.after)
  return windows
}

/** Two tables joined on their keys, or on a foreign key. */
export function tableJoinStep(build: CaseBuilder, step: Step, input: TableNode): CaseNode {
  const other = (build.nodesFrom(step)[1] as TableNode).dsl
  const joiner = joinerOf(step)
  const options = materialized(step)
  const { keySerde = input.keySerde, valueSerde } = storeSerdes(step)
  const result = { ...input, keySerde, valueSerde }
  if (step.foreignKey !== undefined) {
    const foreignKey = scalar(step.foreignKey)
    const dsl =
      step.op === 'join'
        ? input.dsl.join<Value, Value, Value>(other, foreignKey, joiner, options)
        : input.dsl.leftJoin<Value, Value, Value>(other, foreignKey, joiner, options)
    return { ...result, keyWindow: undefined, dsl }
  }
  switch (step.op) {
    case 'join':
      return { ...result, dsl: input.dsl.join<Value, Value>(other, joiner, options) }
    case 'leftJoin':
      return { ...result, dsl: input.dsl.leftJoin<Value, Value>(other, joiner, options) }
    default:
      return { ...result, dsl: input.dsl.outerJoin<Value, Value>(other, joiner, options) }
  }
}
