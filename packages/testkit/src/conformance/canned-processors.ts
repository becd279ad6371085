import {
  type FixedKeyProcessorSupplier,
  type FixedKeyRecord,
  type ProcessorSupplier,
  Record,
} from '@millrace/streams-core'
import type { ProcessorSpec } from './case-file.ts'
import { ProcessorLogic } from './processor-logic.ts'
import type { Value } from './value.ts'

/** The canned processor of a spec, for `process`. */
export function cannedProcessor(spec: ProcessorSpec): ProcessorSupplier<Value, Value, Value, Value> {
  return () => {
    let logic: ProcessorLogic
    return {
      init(context) {
        logic = new ProcessorLogic(spec, context, (key, value, timestamp, headers, child) =>
          context.forward(new Record(key, value, timestamp, headers), child),
        )
      },
      process(record) {
        logic.process(record.key, record.value, record.timestamp, record.headers)
      },
    }
  }
}

/** The canned processor of a spec, for `processValues`: what it sends keeps the key of the record in process. */
export function cannedFixedKeyProcessor(spec: ProcessorSpec): FixedKeyProcessorSupplier<Value, Value, Value> {
  return () => {
    let logic: ProcessorLogic
    let current: FixedKeyRecord<Value, Value>
    return {
      init(context) {
        logic = new ProcessorLogic(spec, context, (_key, value, timestamp, headers) =>
          context.forward(current.withValue(value).withTimestamp(timestamp).withHeaders(headers)),
        )
      },
      process(record) {
        current = record
        logic.process(record.key, record.value, record.timestamp, record.headers)
      },
    }
  }
}
