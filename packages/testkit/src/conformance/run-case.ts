import { Serdes } from '@millrace/serdes'
import type { Topology } from '@millrace/streams-core'
import { TestRecord } from '../test-record.ts'
import { TopologyTestDriver } from '../topology-test-driver.ts'
import { CaseBuilder } from './case-builder.ts'
import type { CaseFile, Expected, InputStep, OutputRecord } from './case-file.ts'
import {
  defaultSerdes,
  type InputRecord,
  inputBytes,
  messageOf,
  outputRecord,
  streamsProperties,
} from './case-records.ts'
import { jsonText } from './json-text.ts'
import { storeRows } from './store-rows.ts'
import type { Value } from './value.ts'

/** Settings of a run beside those of the case. */
export interface RunOptions {
  /** Whether Java's known defects are reproduced (`java.quirks`). */
  readonly quirks: boolean
}

const raw = { keySerde: Serdes.bytes(), valueSerde: Serdes.bytes() }

/** Builds a case's topology through the public DSL, feeds it the inputs, and gives what happened. */
export function runCase(file: CaseFile, options: RunOptions): Expected {
  const config = file.config ?? {}
  const properties = streamsProperties(config, options)
  let build: CaseBuilder
  let topology: Topology
  try {
    build = new CaseBuilder(properties, defaultSerdes(config))
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

  #pipe(input: InputRecord): void {
    const { topic, timestamp } = input
    const { key, value, headers } = inputBytes(this.#build, input)
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
        outputs.push(outputRecord(sink, topic, { key, value, timestamp: timestamp!, headers }, at))
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
