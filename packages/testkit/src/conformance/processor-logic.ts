import type { Headers } from '@millrace/serdes'
import type {
  Cancellable,
  KeyValueStore,
  ProcessingContext,
  StateStore,
  VersionedKeyValueStore,
} from '@millrace/streams-core'
import type { ProcessorSpec } from './case-file.ts'
import { str } from './json-text.ts'
import { predicate } from './predicates.ts'
import { punctuation, type Send } from './punctuations.ts'
import { scalar } from './scalars.ts'
import { isTimestamped, type Value } from './value.ts'

/** What one record makes a canned processor do. */
export type RecordAction = (key: Value, value: Value, timestamp: number, headers: Headers) => void

const decoder = new TextDecoder()

/**
 * A canned processor of the case format, for `process` and `processValues` alike: how it sends is given to it.
 * One instance serves one task.
 */
export class ProcessorLogic {
  readonly #spec: ProcessorSpec
  readonly #context: ProcessingContext
  readonly #send: Send
  readonly #act: RecordAction
  #isScheduled = false

  constructor(spec: ProcessorSpec, context: ProcessingContext, send: Send) {
    this.#spec = spec
    this.#context = context
    this.#send = send
    const store = spec.store === undefined ? undefined : context.getStateStore<StateStore>(spec.store)
    this.#act = recordAction(spec, context, send, store)
    if (spec.punctuate !== undefined && spec.punctuate.at !== 'firstRecord') this.#schedule()
  }

  process(key: Value, value: Value, timestamp: number, headers: Headers): void {
    if (this.#spec.punctuate !== undefined && !this.#isScheduled) this.#schedule()
    this.#act(key, value, timestamp, headers)
  }

  #schedule(): void {
    this.#isScheduled = true
    const { type, interval, startTime } = this.#spec.punctuate!
    const fire = punctuation(this.#spec, this.#context, this.#send)
    let calls = 0
    const handle: Cancellable = this.#context.schedule(
      interval,
      type === 'streamTime' ? 'stream-time' : 'wall-clock-time',
      (time) => {
        calls++
        fire(time)
        if (this.#spec.limit !== undefined && calls >= this.#spec.limit) handle.cancel()
      },
      startTime,
    )
  }
}

function recordAction(
  spec: ProcessorSpec,
  context: ProcessingContext,
  send: Send,
  store: StateStore | undefined,
): RecordAction {
  const table = store as KeyValueStore<Value, Value>
  switch (spec.type) {
    case 'passthrough':
    case 'tick':
    case 'tickMeta':
      return send
    case 'drop':
      return () => {}
    case 'counter':
      return (key, _value, timestamp, headers) => {
        const before = table.get(key)
        if (before !== null && typeof before !== 'number') throw new TypeError(`${str(before)} is no count`)
        const count = (before ?? 0) + 1
        table.put(key, count)
        send(key, count, timestamp, headers)
      }
    case 'dedup':
      return (key, value, timestamp, headers) => {
        if (table.get(key) !== null) return
        table.put(key, value)
        send(key, value, timestamp, headers)
      }
    case 'buffer':
      return (key, value) => {
        if (value === null) table.delete(key)
        else table.put(key, value)
      }
    case 'lookup':
      return (key, value, timestamp, headers) => send(key, [value, untimed(table.get(key))], timestamp, headers)
    case 'versionedPut':
      return versionedPut(store as VersionedKeyValueStore<Value, Value>, spec.back ?? 0, send)
    case 'shiftTimestamp':
      return (key, value, timestamp, headers) => send(key, value, timestamp + spec.arg!, headers)
    case 'fanout':
      return (key, value, timestamp, headers) => {
        for (let i = 0; i < spec.n!; i++) send(key, [value, i], timestamp + i, headers)
      }
    case 'addHeader': {
      const text = scalar(spec.value!)
      return (key, value, timestamp, headers) =>
        send(key, value, timestamp, headers.add(spec.name!, str(text(value, key))))
    }
    case 'dropHeader':
      return (key, value, timestamp, headers) => send(key, value, timestamp, headers.remove(spec.name!))
    case 'headers':
      return (key, _value, timestamp, headers) => send(key, headerPairs(headers), timestamp, headers)
    case 'meta':
      return (key, _value, timestamp, headers) => send(key, meta(context), timestamp, headers)
    case 'route': {
      const when = predicate(spec.when!)
      return (key, value, timestamp, headers) =>
        send(key, value, timestamp, headers, when(value, key) ? spec.yes : spec.no)
    }
    case 'rekey': {
      const newKey = scalar(spec.key as never)
      return (key, value, timestamp, headers) => send(newKey(value, key), value, timestamp, headers)
    }
    default:
      throw new RangeError(`unknown processor '${spec.type}'`)
  }
}

function versionedPut(store: VersionedKeyValueStore<Value, Value>, back: number, send: Send): RecordAction {
  return (key, value, timestamp, headers) => {
    const validTo = javaValidTo(store.put(key, value, timestamp))
    const found = store.getAsOf(key, timestamp - back)
    const asOf = found?.value ?? null
    send(key, { validTo, asOf, from: found?.timestamp ?? null }, timestamp, headers)
  }
}

/** Java's return codes: −1 for the newest version, the least long for one that was too old to be kept. */
function javaValidTo(validTo: number | undefined): Value {
  if (validTo === undefined) return -1
  return validTo === -1 ? '-9223372036854775808' : validTo
}

/** A stored value without its timestamp, if it has one. */
function untimed(stored: Value): Value {
  return isTimestamped(stored) ? stored.value : stored
}

function headerPairs(headers: Headers): Value {
  return headers.toArray().map(({ key, value }) => [key, value === null ? null : decoder.decode(value)])
}

/** A record that a punctuator sent has no topic; Java gives it −1 as partition and offset. */
function meta(context: ProcessingContext): Value {
  const from = context.recordMetadata()
  return {
    topic: from?.topic ?? null,
    partition: from?.partition ?? -1,
    offset: from?.offset ?? -1,
    streamTime: context.currentStreamTimeMs(),
    wallClock: context.currentSystemTimeMs(),
  }
}
