import { Headers, Serdes } from '@millrace/serdes'
import {
  SessionWindowedSerde,
  type StreamsProperties,
  silentLogger,
  TimeWindowedSerde,
  type Topology,
} from '@millrace/streams-core'
import { TestRecord } from '../test-record.ts'
import { TopologyTestDriver } from '../topology-test-driver.ts'
import { CaseBuilder } from './case-builder.ts'
import type { CaseFile, Expected, HeaderPair, InputStep, OutputRecord, SerdeName } from './case-file.ts'
import type { KeyWindow } from './case-node.ts'
import { caseSerde } from './case-serdes.ts'
import { jsonText } from './json-text.ts'
import { timestampExtractor } from './source-steps.ts'
import { storeRows } from './store-rows.ts'
import type { Value } from './value.ts'

/** Settings of a run beside those of the case. */
export interface RunOptions {
  /** Whether Java's known defects are reproduced (`java.quirks`). */
  readonly quirks: boolean
}

const raw = { keySerde: Serdes.bytes(), valueSerde: Serdes.bytes() }
const decoder = new TextDecoder()

/** Builds a case's topology through the public DSL, feeds it the inputs, and gives what happened. */
export function runCase(file: CaseFile, options: RunOptions): Expected {
  const config = file.config ?? {}
  const properties = streamsProperties(config, options)
  let build: CaseBuilder
  let topology: Topology
  try {
    build = new CaseBuilder(properties, {
      key: (config['default.key.serde'] ?? 'string') as SerdeName,
      value: (config['default.value.serde'] ?? 'json') as SerdeName,
    })
    topology = build.build(file.topology)
  } catch (error) {
    return { error: { at: 'build', message: messageOf(error) } }
  }
  const describe = topology.describe().toString()
  let driver: TopologyTestDriver
  try {
    driver = new TopologyTestDriver(topology, properties, (config['wallClockStart'] ?? 0) as number)
  } catch (error) {
    return { describe, error: { at: 'init', message: messageOf(error) } }
  }
  return { describe, ...new CaseRun(build, driver).feed(file.input) }
}

/** One driver in the course of a case. */
class CaseRun {
  readonly #build: CaseBuilder
  readonly #driver: TopologyTestDriver
  readonly #outputs: { [topic: string]: OutputRecord[] } = {}
  readonly #internalTopics: { [topic: string]: number } = {}

  constructor(build: CaseBuilder, driver: TopologyTestDriver) {
    this.#build = build
    this.#driver = driver
  }

  feed(inputs: readonly InputStep[]): Expected {
    const error = this.#feedAll(inputs)
    const happened = {
      outputs: this.#outputs,
      observed: Object.fromEntries(this.#build.observed),
      internalTopics: this.#internalTopics,
      droppedRecords: this.#droppedRecords(),
    }
    const read = JSON.parse(jsonText(happened as unknown as Value))
    if (error !== undefined) return { ...read, error }
    const stores = storeRows(this.#driver, this.#build.storeNames, inputs)
    this.#driver.close()
    return { ...read, stores }
  }

  #feedAll(inputs: readonly InputStep[]): Expected['error'] {
    for (const [at, input] of inputs.entries()) {
      this.#build.at = at
      try {
        if ('advanceWallClock' in input) this.#driver.advanceWallClockTime(input.advanceWallClock)
        else this.#pipe(input)
      } catch (error) {
        this.#collect(at)
        return { at, message: messageOf(error) }
      }
      this.#collect(at)
    }
    return undefined
  }

  #pipe(input: Exclude<InputStep, { advanceWallClock: number }>): void {
    const { topic, timestamp } = input
    const serdes = this.#build.sources.get(topic) ?? this.#build.defaults
    const key = input.keyHex === undefined ? bytes(serdes.key, topic, input.key) : Buffer.from(input.keyHex, 'hex')
    const value =
      input.valueHex === undefined ? bytes(serdes.value, topic, input.value) : Buffer.from(input.valueHex, 'hex')
    const headers = Headers.of(
      (input.headers ?? []).map(([name, text]) => ({ key: name, value: text === null ? null : Buffer.from(text) })),
    )
    this.#driver.createInputTopic(topic, raw).pipeInput(new TestRecord(key, value, timestamp, headers))
  }

  /** Takes what was sent since the last input: outputs by sink topic, counts of the others. */
  #collect(at: number): void {
    for (const topic of this.#driver.producedTopicNames()) {
      const records = this.#driver.createOutputTopic(topic, raw).readRecordsToList()
      if (records.length === 0) continue
      const sink = this.#build.sinks.get(topic)
      if (sink === undefined) {
        this.#internalTopics[topic] = (this.#internalTopics[topic] ?? 0) + records.length
        continue
      }
      const outputs = this.#outputs[topic] ?? []
      this.#outputs[topic] = outputs
      for (const { key, value, timestamp, headers } of records) {
        const pairs = headers.toArray().map(headerPair)
        outputs.push({
          key: keySerde(sink).deserialize(topic, key) as Value,
          value: caseSerde(sink.value).deserialize(topic, value),
          timestamp: timestamp!,
          ...(pairs.length === 0 ? {} : { headers: pairs }),
          at,
        })
      }
    }
  }

  #droppedRecords(): number {
    let dropped = 0
    for (const metric of this.#driver.metrics()) {
      if (metric.name === 'dropped-records-total') dropped += Number(metric.value())
    }
    return dropped
  }
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

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message.split('\n')[0]! : String(error)
}

/** A case's configuration as the library takes it. */
function streamsProperties(config: NonNullable<CaseFile['config']>, { quirks }: RunOptions): StreamsProperties {
  const properties: { [key: string]: unknown } = {}
  for (const [key, value] of Object.entries(config)) {
    if (key === 'wallClockStart') continue
    properties[key] = key === 'default.timestamp.extractor' ? timestampExtractor(value as string) : value
  }
  return {
    ...properties,
    'application.id': 'app',
    'default.key.serde': caseSerde((config['default.key.serde'] ?? 'string') as SerdeName),
    'default.value.serde': caseSerde((config['default.value.serde'] ?? 'json') as SerdeName),
    'java.quirks': quirks,
    logger: silentLogger,
  }
}
