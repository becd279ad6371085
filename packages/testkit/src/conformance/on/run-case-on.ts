import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type Admin,
  type ConsumerRecord,
  type KafkaClientSupplier,
  KafkaStreams,
  type Producer,
  systemTime,
  type TopicPartition,
  type Topology,
} from '@millrace/streams-core'
import { CaseBuilder } from '../case-builder.ts'
import type { CaseFile, Expected, OutputRecord } from '../case-file.ts'
import {
  defaultSerdes,
  type InputRecord,
  inputBytes,
  messageOf,
  outputRecord,
  streamsProperties,
} from '../case-records.ts'
import { jsonText } from '../json-text.ts'
import type { Value } from '../value.ts'
import { GlobalProgress } from './global-progress.ts'
import { withCaseTopics, withOwnTopics } from './own-topics.ts'
import type { Place } from './place.ts'

/** Results of closed windows come out with the record that closes them, as in the driver, and not once a second. */
const emitAtOnce = {
  '__emit.interval.ms.kstreams.windowed.aggregation__': 0,
  '__emit.interval.ms.kstreams.outer.join.spurious.results.fix__': 0,
}

/** ms after which an input counts as stuck. */
const settleTimeoutMs = 20_000

/**
 * Runs a case in a real application instead of the test driver: each input is appended to its topic, and the next one follows
 * when everything is processed and committed. All topics have one partition. Gives the outputs, what was observed, and the error.
 */
export async function runCaseOn(
  file: CaseFile,
  place: Place,
  applicationId: string,
): Promise<Pick<Expected, 'outputs' | 'observed' | 'error'>> {
  const prefix = `${applicationId}-x-`
  const { outputs, ...rest } = await runRenamed(withOwnTopics(file, prefix), place, applicationId)
  return outputs === undefined ? rest : { ...rest, outputs: withCaseTopics(outputs, prefix) }
}

async function runRenamed(
  file: CaseFile,
  place: Place,
  applicationId: string,
): Promise<Pick<Expected, 'outputs' | 'observed' | 'error'>> {
  const config = file.config ?? {}
  const properties = { ...streamsProperties(config, { quirks: true }), 'application.id': applicationId }
  let build: CaseBuilder
  let topology: Topology
  try {
    build = new CaseBuilder(properties, defaultSerdes(config))
    topology = build.build(file.topology)
  } catch (error) {
    return { error: { at: 'build', message: messageOf(error) } }
  }
  const stateDir = mkdtempSync(join(tmpdir(), 'millrace-'))
  const { clients, close } = await place.open()
  const topics = new Set([...build.sources.keys(), ...build.sinks.keys()])
  for (const input of file.input) if ('topic' in input) topics.add(input.topic)
  const progress = new GlobalProgress()
  const run = new RunningCase(build, clients, progress, [...topics])
  try {
    await run.createTopics()
    const streams = new KafkaStreams(
      topology,
      {
        ...properties,
        mode: 'cluster',
        'processing.guarantee': 'at_least_once',
        'commit.interval.ms': 0,
        'poll.ms': 10,
        ...emitAtOnce,
        'producer.linger.ms': 0,
        'state.dir': stateDir,
      },
      progress.watching(clients),
    )
    return await run.feed(streams, topology.plan(applicationId, properties).global !== undefined, file)
  } finally {
    await run.close()
    await close(run.created)
    rmSync(stateDir, { recursive: true, force: true })
  }
}

class RunningCase {
  readonly #build: CaseBuilder
  readonly #clients: KafkaClientSupplier
  readonly #progress: GlobalProgress
  readonly #topics: readonly string[]
  readonly #admin: Admin
  readonly #producer: Producer
  /** Topics that were made for the case; one that was there before is in its way, and is left alone. */
  readonly created: string[] = []
  /** By sink topic: its end after each input. */
  readonly #ends = new Map<string, number[]>()
  /** `<topic>-<offset>` of inputs in topics that are sinks too. */
  readonly #ownRecords = new Set<string>()
  #globalTopics: ReadonlySet<string> = new Set()

  constructor(build: CaseBuilder, clients: KafkaClientSupplier, progress: GlobalProgress, topics: readonly string[]) {
    this.#build = build
    this.#clients = clients
    this.#progress = progress
    this.#topics = topics
    this.#admin = clients.admin()
    this.#producer = clients.producer({
      clientId: 'inputs',
      transactionalId: undefined,
      transactionTimeoutMs: 10_000,
      settings: { 'linger.ms': 0 },
    })
  }

  async createTopics(): Promise<void> {
    for (const name of this.#topics) {
      // Records of a case are of 1970: by their time they would be deleted at once.
      await this.#admin.createTopics([{ name, partitions: 1, configs: { 'retention.ms': '-1' } }])
      this.created.push(name)
    }
    await this.#admin.describeTopics(this.#topics)
  }

  async feed(
    streams: KafkaStreams,
    hasGlobals: boolean,
    file: CaseFile,
  ): Promise<Pick<Expected, 'outputs' | 'observed' | 'error'>> {
    let error: Expected['error']
    try {
      await streams.start()
    } catch (failure) {
      return { error: { at: 'init', message: messageOf(failure) } }
    }
    const read = new Set(
      streams
        .metadataForLocalThreads()
        .flatMap(({ activeTasks }) =>
          activeTasks.flatMap(({ topicPartitions }) => topicPartitions.map(({ topic }) => topic)),
        ),
    )
    if (hasGlobals) this.#globalTopics = new Set([...this.#build.sources.keys()].filter((topic) => !read.has(topic)))
    for (const [at, input] of file.input.entries()) {
      this.#build.at = at
      await this.#append(input as InputRecord)
      try {
        await this.#settle(streams)
      } catch (failure) {
        error = { at, message: messageOf(failure) }
      }
      await this.#noteEnds()
      if (error !== undefined) break
    }
    await streams.close()
    const happened = { outputs: await this.#outputs(), observed: Object.fromEntries(this.#build.observed) }
    const plain = JSON.parse(jsonText(happened as unknown as Value)) as Pick<Expected, 'outputs' | 'observed'>
    return error === undefined ? plain : { ...plain, error }
  }

  async close(): Promise<void> {
    await this.#producer.close()
    await this.#admin.close()
  }

  async #append(input: InputRecord): Promise<void> {
    const { key, value, headers } = inputBytes(this.#build, input)
    if (this.#build.sinks.has(input.topic)) {
      const end = (await this.#endOffsets([input.topic])).get(input.topic)!
      this.#ownRecords.add(`${input.topic}-${end}`)
    }
    this.#producer.send(input.topic, 0, key, value, input.timestamp, headers)
    await this.#producer.flush()
  }

  /** Waits until all that is in source topics is processed and committed. @throws what ended the application */
  async #settle(streams: KafkaStreams): Promise<void> {
    let failure: { readonly error: unknown } | undefined
    streams.stopped.catch((error: unknown) => {
      failure = { error }
    })
    const deadline = systemTime.now() + settleTimeoutMs
    for (;;) {
      // What is committed is read first: what it has made is in the log then, and within the ends that are read after it.
      const committed = committedOffsets(streams)
      const ends = await this.#endOffsets([...committed.keys(), ...this.#globalTopics])
      if (failure !== undefined) throw failure.error
      const isBehind = [...committed].some(([topic, offset]) => offset < ends.get(topic)!)
      const isGlobalBehind = [...this.#globalTopics].some((topic) => this.#progress.applied(topic) < ends.get(topic)!)
      const isRunning = streams.state() === 'RUNNING' && committed.size > 0
      if ((isRunning || this.#globalTopics.size > 0) && !isBehind && !isGlobalBehind) return
      if (systemTime.now() > deadline)
        throw new Error(`The application is ${streams.state()} and does not get to the end of its input.`)
      await new Promise<void>((resolve) => systemTime.setTimer(1, resolve))
    }
  }

  async #endOffsets(topics: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const partitions = topics.map((topic): TopicPartition => ({ topic, partition: 0 }))
    const ends = await this.#admin.endOffsets(partitions, 'read_uncommitted')
    return new Map([...ends].map(([{ topic }, end]) => [topic, end]))
  }

  async #noteEnds(): Promise<void> {
    for (const [topic, end] of await this.#endOffsets([...this.#build.sinks.keys()])) {
      const ends = this.#ends.get(topic) ?? []
      ends.push(end)
      this.#ends.set(topic, ends)
    }
  }

  async #outputs(): Promise<{ [topic: string]: OutputRecord[] }> {
    const outputs: { [topic: string]: OutputRecord[] } = {}
    for (const [topic, sink] of this.#build.sinks) {
      const ends = this.#ends.get(topic) ?? []
      const records = (await this.#read(topic, ends.at(-1) ?? 0)).filter(
        ({ offset }) => !this.#ownRecords.has(`${topic}-${offset}`),
      )
      if (records.length === 0) continue
      outputs[topic] = records.map((record) =>
        outputRecord(
          sink,
          topic,
          record,
          ends.findIndex((end) => record.offset < end),
        ),
      )
    }
    return outputs
  }

  async #read(topic: string, end: number): Promise<readonly ConsumerRecord[]> {
    const consumer = this.#clients.restoreConsumer({ clientId: 'outputs', isolation: 'read_uncommitted' })
    const partition = { topic, partition: 0 }
    try {
      consumer.assign([partition])
      consumer.seek(partition, 0)
      const found: ConsumerRecord[] = []
      while (consumer.position(partition) < end) {
        for (const { records } of await consumer.poll(100)) found.push(...records)
      }
      return found
    } finally {
      await consumer.close()
    }
  }
}

/** By source topic of the tasks; 0 where nothing is committed. */
function committedOffsets(streams: KafkaStreams): Map<string, number> {
  const committed = new Map<string, number>()
  for (const { activeTasks } of streams.metadataForLocalThreads()) {
    for (const { topicPartitions, committedOffsets: offsets } of activeTasks) {
      for (const { topic, partition } of topicPartitions) {
        committed.set(topic, Math.max(0, offsets.get(`${topic}-${partition}`) ?? 0))
      }
    }
  }
  return committed
}
