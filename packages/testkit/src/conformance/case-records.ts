import { Headers } from '@millrace/serdes'
import { SessionWindowedSerde, type StreamsProperties, silentLogger, TimeWindowedSerde } from '@millrace/streams-core'
import type { CaseBuilder } from './case-builder.ts'
import type { CaseFile, HeaderPair, InputStep, OutputRecord, SerdeName } from './case-file.ts'
import type { KeyWindow } from './case-node.ts'
import { caseSerde } from './case-serdes.ts'
import { timestampExtractor } from './source-steps.ts'
import type { Value } from './value.ts'

// What a case says of records and settings, as bytes and objects of the library, and back.

const decoder = new TextDecoder()

/** A record of a case's input. */
export type InputRecord = Exclude<InputStep, { advanceWallClock: number }>

/** Key, value and headers of an input as they are in the topic. */
export function inputBytes(build: CaseBuilder, input: InputRecord) {
  const { topic } = input
  const serdes = build.sources.get(topic) ?? build.defaults
  return {
    key: input.keyHex === undefined ? bytes(serdes.key, topic, input.key) : Buffer.from(input.keyHex, 'hex'),
    value: input.valueHex === undefined ? bytes(serdes.value, topic, input.value) : Buffer.from(input.valueHex, 'hex'),
    headers: Headers.of(
      (input.headers ?? []).map(([name, text]) => ({ key: name, value: text === null ? null : Buffer.from(text) })),
    ),
  }
}

/** A record of a sink topic as the case writes it; `at`: the index of the input that caused it. */
export function outputRecord(
  sink: { readonly key: SerdeName; readonly value: SerdeName; readonly keyWindow: KeyWindow | undefined },
  topic: string,
  record: {
    readonly key: Uint8Array | null
    readonly value: Uint8Array | null
    readonly timestamp: number
    readonly headers: Headers
  },
  at: number,
): OutputRecord {
  const pairs = record.headers.toArray().map(headerPair)
  return {
    key: keySerde(sink).deserialize(topic, record.key) as Value,
    value: caseSerde(sink.value).deserialize(topic, record.value),
    timestamp: record.timestamp,
    ...(pairs.length === 0 ? {} : { headers: pairs }),
    at,
  }
}

/** A case's configuration as the library takes it; `quirks`: whether Java's known defects are reproduced. */
export function streamsProperties(
  config: NonNullable<CaseFile['config']>,
  { quirks }: { readonly quirks: boolean },
): StreamsProperties {
  const properties: { [key: string]: unknown } = {}
  for (const [key, value] of Object.entries(config)) {
    if (key === 'wallClockStart') continue
    properties[key] = key === 'default.timestamp.extractor' ? timestampExtractor(value as string) : value
  }
  return {
    ...properties,
    'application.id': 'app',
    'default.key.serde': caseSerde(defaultSerdes(config).key),
    'default.value.serde': caseSerde(defaultSerdes(config).value),
    'java.quirks': quirks,
    logger: silentLogger,
  }
}

/** The serdes of a case where a step names none. */
export function defaultSerdes(config: NonNullable<CaseFile['config']>): {
  readonly key: SerdeName
  readonly value: SerdeName
} {
  return {
    key: (config['default.key.serde'] ?? 'string') as SerdeName,
    value: (config['default.value.serde'] ?? 'json') as SerdeName,
  }
}

/** The first line of what was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message.split('\n')[0]! : String(error)
}

function keySerde(sink: { readonly key: SerdeName; readonly keyWindow: KeyWindow | undefined }) {
  const inner = caseSerde(sink.key)
  if (sink.keyWindow === undefined) return inner
  return sink.keyWindow.kind === 'time'
    ? new TimeWindowedSerde(inner, sink.keyWindow.sizeMs)
    : new SessionWindowedSerde(inner)
}

function headerPair({ key, value }: { readonly key: string; readonly value: Uint8Array | null }): HeaderPair {
  return [key, value === null ? null : decoder.decode(value)]
}

function bytes(serde: SerdeName, topic: string, value: Value | undefined): Uint8Array | null {
  return caseSerde(serde).serialize(topic, value ?? null)
}
