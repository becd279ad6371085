import { type KeyValueStore, Suppressed, type ValueTransformerSupplier } from '@millrace/streams-core'
import { binary } from './binaries.ts'
import { type CaseBuilder, oneFunction } from './case-builder.ts'
import type { BufferSpec, Step } from './case-file.ts'
import type { CaseNode, TableNode } from './case-node.ts'
import { caseSerde } from './case-serdes.ts'
import { tableJoinStep } from './join-steps.ts'
import { str } from './json-text.ts'
import { predicate } from './predicates.ts'
import { scalar } from './scalars.ts'
import { materialized, named, optionalSerde, storeSerdes } from './step-options.ts'
import type { Value } from './value.ts'

/** The steps on a table. */
export function tableStep(build: CaseBuilder, step: Step, input: TableNode): CaseNode {
  if (step.store?.name !== undefined) build.storeNames.add(step.store.name)
  const table = input.dsl
  const options = materialized(step)
  const { keySerde = input.keySerde, valueSerde } = storeSerdes(step)
  switch (step.op) {
    case 'filter': {
      const dsl = table.filter(predicate(oneFunction(step, step.fn)), options)
      return { ...input, keySerde, valueSerde: valueSerde ?? input.valueSerde, dsl }
    }
    case 'filterNot': {
      const dsl = table.filterNot(predicate(oneFunction(step, step.fn)), options)
      return { ...input, keySerde, valueSerde: valueSerde ?? input.valueSerde, dsl }
    }
    case 'mapValues':
      return { ...input, keySerde, valueSerde, dsl: table.mapValues(scalar(step.fn!), options) }
    case 'transformValues': {
      const dsl = table.transformValues(transformer(step), { ...options, stateStoreNames: step.stores ?? [] })
      return { ...input, keySerde, valueSerde, dsl }
    }
    case 'toStream': {
      if (step.key === undefined) return { ...input, kind: 'stream', dsl: table.toStream(named(step)) }
      const dsl = table.toStream(scalar(step.key), named(step))
      return { ...input, kind: 'stream', keySerde: undefined, keyWindow: undefined, dsl }
    }
    case 'suppress':
      return { ...input, dsl: table.suppress(suppressed(step), named(step)) }
    case 'groupBy': {
      const [key, value] = [scalar(step.key!), scalar(step.value!)]
      const dsl = table.groupBy((v, k) => [key(v, k), value(v, k)], {
        ...named(step),
        keySerde: caseSerde(step.keySerde ?? build.defaults.key),
        valueSerde: optionalSerde(step.valueSerde),
      })
      const { keySerde: newKey, valueSerde: newValue } = step
      return { kind: 'groupedTable', dsl, keySerde: newKey, valueSerde: newValue, keyWindow: undefined }
    }
    case 'join':
    case 'leftJoin':
    case 'outerJoin':
      return tableJoinStep(build, step, input)
    default:
      throw new RangeError(`unknown op '${step.op}' on a table`)
  }
}

function suppressed(step: Step): Suppressed<Value> {
  const { maxRecords, maxBytes, logging, full }: BufferSpec = step.buffer ?? {}
  const bounds = { maxRecords, maxBytes, logging }
  if (step.until === 'windowCloses') return Suppressed.untilWindowCloses(bounds) as Suppressed<unknown>
  return Suppressed.untilTimeLimit(step.ms!, { ...bounds, full: full ?? 'emitEarly' })
}

const increment = binary({ fn: 'count' })

/** The canned transformers of the case format. */
function transformer(step: Step): ValueTransformerSupplier<Value, Value, Value> {
  const { type, store } = step.transformer!
  const text = (value: Value, count: Value) => (value === null ? null : `${str(value)}#${str(count)}`)
  switch (type) {
    case 'keyValue':
      return () => ({ transform: (value, key) => (value === null ? null : `${str(key)}:${str(value)}`) })
    case 'calls':
      return () => {
        let calls = 0
        return { transform: (value) => (value === null ? null : text(value, ++calls)) }
      }
    case 'storeCounter':
      return () => {
        let counts: KeyValueStore<Value, Value>
        return {
          init(context) {
            counts = context.getStateStore(store!)
          },
          transform(value, key) {
            const count = increment(counts.get(key), value, key)
            counts.put(key, count)
            return text(value, count)
          },
        }
      }
    default:
      throw new RangeError(`unknown transformer '${type}'`)
  }
}
