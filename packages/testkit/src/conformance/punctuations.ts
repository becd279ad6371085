import { Headers } from '@millrace/serdes'
import type { KeyValueStore, ProcessingContext, Punctuator } from '@millrace/streams-core'
import type { ProcessorSpec } from './case-file.ts'
import type { Value } from './value.ts'

/** Sends a record on: with the key, value, timestamp and headers given, to one child or to all. */
export type Send = (key: Value, value: Value, timestamp: number, headers: Headers, child?: string) => void

/** What a canned processor does when its punctuator fires: records without headers, at the punctuation's time. */
export function punctuation(spec: ProcessorSpec, context: ProcessingContext, send: Send): Punctuator {
  const key = spec.key ?? null
  switch (spec.type) {
    case 'tick':
      return (time) => send(key, time, time, Headers.empty)
    case 'tickMeta':
      return (time) => send(key, tickMeta(time, context), time, Headers.empty)
    case 'buffer': {
      const store = context.getStateStore<KeyValueStore<Value, Value>>(spec.store!)
      return (time) => {
        for (const [stored, value] of [...store.all()]) {
          send(stored, value, time, Headers.empty)
          store.delete(stored)
        }
      }
    }
    default:
      throw new RangeError(`no punctuation for processor '${spec.type}'`)
  }
}

function tickMeta(time: number, context: ProcessingContext): Value {
  return {
    punctuate: time,
    streamTime: context.currentStreamTimeMs(),
    wallClock: context.currentSystemTimeMs(),
    topic: context.recordMetadata()?.topic ?? null,
  }
}
