import type { Serde } from '@millrace/serdes'
import { StreamsConfigError } from './errors.ts'
import { type Logger, type StructuredLogger, stderrLogger, toLogger } from './logger.ts'
import type { RecordTracing } from './record-tracing.ts'
import {
  failOnInvalidTimestamp,
  logAndSkipOnInvalidTimestamp,
  usePartitionTimeOnInvalidTimestamp,
  wallclockTimestampExtractor,
} from './timestamp-extractors.ts'
import type { TimestampExtractor } from './topology/extension-points.ts'

/** One setting: its dotted name, how to read a given value, what holds when none is given, and what it is for. */
export interface Setting<Key extends string, Given, Value> {
  readonly key: Key
  /** The kind of value and its unit, for the reference page. */
  readonly type: string
  /** Undefined: no default here (see the text). */
  readonly defaultValue: Value
  readonly doc: string
  readonly read: (given: Given, key: string) => Value
}

type Optional<T> = T | undefined

function wrong(key: string, given: unknown, wanted: string): StreamsConfigError {
  const shown =
    typeof given === 'string' ? `'${given}'` : typeof given === 'object' ? `a ${typeof given}` : String(given)
  return new StreamsConfigError(key, `Setting '${key}' is ${shown}; it must be ${wanted}.`)
}

function readText(given: string, key: string): string {
  if (typeof given !== 'string') throw wrong(key, given, 'a text')
  return given
}

export function text<K extends string>(key: K, defaultValue: string, doc: string): Setting<K, string, string> {
  return { key, type: 'text', defaultValue, doc, read: readText }
}

export function optionalText<K extends string>(key: K, doc: string): Setting<K, string | null, Optional<string>> {
  return { key, type: 'text', defaultValue: undefined, doc, read: (given, at) => readText(given as string, at) }
}

/** Comma-separated texts, or an array of them. */
export function list<K extends string>(key: K, doc: string): Setting<K, string | readonly string[], readonly string[]> {
  return {
    key,
    type: 'list',
    defaultValue: [],
    doc,
    read(given: unknown, at) {
      const items = typeof given === 'string' ? given.split(',').map((item) => item.trim()) : given
      if (!Array.isArray(items) || items.some((item) => typeof item !== 'string')) {
        throw wrong(at, given, 'texts, comma-separated or as an array')
      }
      return items.filter((item) => item !== '')
    },
  }
}

function readNumber(given: unknown, key: string, least: number): number {
  const value = typeof given === 'string' && /^-?\d+$/.test(given) ? Number(given) : given
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < least) {
    throw wrong(key, given, `a whole number of at least ${least}`)
  }
  return value
}

export function number<K extends string>(
  key: K,
  defaultValue: number,
  least: number,
  doc: string,
): Setting<K, number, number> {
  return { key, type: 'number', defaultValue, doc, read: (given, at) => readNumber(given, at, least) }
}

export function optionalNumber<K extends string>(
  key: K,
  least: number,
  doc: string,
): Setting<K, number, Optional<number>> {
  return { key, type: 'number', defaultValue: undefined, doc, read: (given, at) => readNumber(given, at, least) }
}

export function flag<K extends string>(key: K, defaultValue: boolean, doc: string): Setting<K, boolean, boolean> {
  return {
    key,
    type: 'true or false',
    defaultValue,
    doc,
    read(given: unknown, at) {
      if (given === true || given === 'true') return true
      if (given === false || given === 'false') return false
      throw wrong(at, given, 'true or false')
    },
  }
}

function readChoice<C extends string>(given: unknown, key: string, choices: readonly C[]): C {
  const found = choices.find((choice) => choice === given)
  if (found === undefined) throw wrong(key, given, `one of ${choices.join(', ')}`)
  return found
}

export function choice<K extends string, const C extends string>(
  key: K,
  choices: readonly C[],
  defaultValue: NoInfer<C>,
  doc: string,
): Setting<K, C, C> {
  return { key, type: choices.join(' | '), defaultValue, doc, read: (given, at) => readChoice(given, at, choices) }
}

export function optionalChoice<K extends string, const C extends string>(
  key: K,
  choices: readonly C[],
  doc: string,
): Setting<K, C, Optional<C>> {
  return {
    key,
    type: choices.join(' | '),
    defaultValue: undefined,
    doc,
    read: (given, at) => readChoice(given, at, choices),
  }
}

export function serde<K extends string>(key: K, doc: string): Setting<K, Serde<unknown>, Optional<Serde<unknown>>> {
  return {
    key,
    type: 'Serde',
    defaultValue: undefined,
    doc,
    read(given, at) {
      if (
        typeof given !== 'object' ||
        typeof given.serialize !== 'function' ||
        typeof given.deserialize !== 'function'
      ) {
        throw wrong(at, given, 'a Serde, for example Serdes.string()')
      }
      return given as Serde<unknown>
    },
  }
}

const namedExtractors: { readonly [name: string]: TimestampExtractor } = {
  FailOnInvalidTimestamp: failOnInvalidTimestamp,
  LogAndSkipOnInvalidTimestamp: logAndSkipOnInvalidTimestamp,
  UsePartitionTimeOnInvalidTimestamp: usePartitionTimeOnInvalidTimestamp,
  WallclockTimestampExtractor: wallclockTimestampExtractor,
}

type NamedExtractor =
  | 'FailOnInvalidTimestamp'
  | 'LogAndSkipOnInvalidTimestamp'
  | 'UsePartitionTimeOnInvalidTimestamp'
  | 'WallclockTimestampExtractor'

export function timestampExtractor<K extends string>(
  key: K,
): Setting<K, TimestampExtractor | NamedExtractor, TimestampExtractor> {
  return {
    key,
    type: 'TimestampExtractor or the name of one of Kafka’s four',
    defaultValue: failOnInvalidTimestamp,
    doc: 'Gives records their event time.',
    read(given, at) {
      const found = typeof given === 'function' ? given : namedExtractors[given]
      if (found === undefined) throw wrong(at, given, `a function or one of ${Object.keys(namedExtractors).join(', ')}`)
      return found
    },
  }
}

const optimizations = ['reuse.ktable.source.topics', 'merge.repartition.topics', 'single.store.self.join'] as const

/** One of the rewrites of a topology that `topology.optimization` turns on. */
export type TopologyOptimization = (typeof optimizations)[number]

export function topologyOptimization<K extends string>(key: K): Setting<K, string, ReadonlySet<TopologyOptimization>> {
  return {
    key,
    type: `none | all | list of ${optimizations.join(', ')}`,
    defaultValue: new Set(),
    doc: 'Rewrites that the topology goes through; comma-separated.',
    read(given, at) {
      const names = readText(given, at)
        .split(',')
        .map((name) => name.trim())
      if (names.length === 1 && names[0] === 'none') return new Set()
      if (names.length === 1 && names[0] === 'all') return new Set(optimizations)
      return new Set(names.map((name) => readChoice(name, at, optimizations)))
    },
  }
}

export function handler<K extends string, H extends object>(
  key: K,
  what: string,
): Setting<K, 'continue' | 'fail' | H, Optional<'continue' | 'fail' | H>> {
  return {
    key,
    type: 'continue | fail | handler object',
    defaultValue: undefined,
    doc: `${what}: go on without it, stop (default), or ask a handler.`,
    read(given, at) {
      if (given === 'continue' || given === 'fail') return given
      if (typeof given !== 'object' || !('handleError' in given)) {
        throw wrong(at, given, 'continue, fail, or an object with handleError')
      }
      return given
    },
  }
}

export function anything<K extends string>(key: K, doc: string): Setting<K, unknown, unknown> {
  return { key, type: 'object', defaultValue: undefined, doc, read: (given) => given }
}

export function recordTracing<K extends string>(
  key: K,
  doc: string,
): Setting<K, RecordTracing, Optional<RecordTracing>> {
  return {
    key,
    type: 'RecordTracing',
    defaultValue: undefined,
    doc,
    read(given, at) {
      if (typeof given !== 'object' || typeof given.trace !== 'function') {
        throw wrong(at, given, 'an object with trace(), such as openTelemetryTracing() gives')
      }
      return given
    },
  }
}

export function logger<K extends string>(key: K): Setting<K, Logger | StructuredLogger, Logger> {
  return {
    key,
    type: 'Logger',
    defaultValue: stderrLogger,
    doc: 'Where the library reports to: an object with info, warn and error, or a pino. Default: warnings and errors on standard error.',
    read(given, at) {
      if (typeof given !== 'object' || typeof given.warn !== 'function' || typeof given.error !== 'function') {
        throw wrong(at, given, 'an object with info, warn and error')
      }
      return toLogger(given)
    },
  }
}
