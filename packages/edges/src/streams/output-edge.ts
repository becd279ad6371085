import type { Headers, TopicDeclaration } from '@millrace/serdes'
import type { KStream } from '@millrace/streams-core'
import {
  addEdge,
  type EdgeHost,
  type EdgeReader,
  type EdgeRecord,
  type EdgeSession,
  type EdgeStart,
  type TopologyEdge,
} from '@millrace/streams-core/internal'

/** A record that has left the application. */
export interface OutputRecord<K, V> {
  readonly key: K | null
  readonly value: V | null
  /** Unix ms. */
  readonly timestamp: number
  readonly headers: Headers
  /** Its place in the topic: the same record has the same place, however often it is read. */
  readonly topic: string
  readonly partition: number
  readonly offset: number
}

/** Which records a subscriber gets. */
export interface OutputOptions {
  /** `latest`: what comes after the application has started, or after a later subscription. Default: latest. */
  readonly from?: EdgeStart
}

/** Who gets the records. */
export interface OutputListener<K, V> {
  /** The next ones come when the promise has resolved; in the test driver at once. */
  onRecords(records: readonly OutputRecord<K, V>[]): void | Promise<void>
  /** The application has ended, and all that it committed was handed over. With an error: it, or the reading, has failed. */
  onEnd(error?: Error): void
}

/** ms for which the end of an application waits for slow subscribers. */
const drainTimeoutMs = 10_000

/** Hands what the application writes to a topic to subscribers. Each reads the topic by itself. */
export class OutputEdge<K, V> implements TopologyEdge {
  readonly #topic: TopicDeclaration<K, V>
  readonly #from: EdgeStart
  readonly #subscriptions = new Set<Subscription<K, V>>()
  #host: EdgeHost | undefined

  constructor(topic: TopicDeclaration<K, V>, { from = 'latest' }: OutputOptions) {
    this.#topic = topic
    this.#from = from
  }

  /** Before the application has started: from its start on. Gives what ends the subscription. */
  subscribe(listener: OutputListener<K, V>): () => void {
    const subscription = new Subscription(this.#topic, this.#from, listener, () =>
      this.#subscriptions.delete(subscription),
    )
    this.#subscriptions.add(subscription)
    // What keeps it from reading is told to the listener.
    if (this.#host !== undefined) void Promise.resolve(subscription.open(this.#host)).catch(() => {})
    return () => subscription.close()
  }

  attach(host: EdgeHost): EdgeSession {
    return {
      open: () => {
        this.#host = host
        const opening = [...this.#subscriptions].map((subscription) => subscription.open(host))
        return Promise.all(opening).then(() => {})
      },
      run: () => {},
      stopFeeding: async () => {},
      end: async (error) => {
        if (this.#host === host) this.#host = undefined
        await Promise.all([...this.#subscriptions].map((subscription) => subscription.end(host, error)))
      },
    }
  }
}

class Subscription<K, V> {
  readonly #topic: TopicDeclaration<K, V>
  readonly #from: EdgeStart
  readonly #listener: OutputListener<K, V>
  readonly #onClosed: () => void
  #reader: EdgeReader | undefined
  #isClosed = false

  constructor(topic: TopicDeclaration<K, V>, from: EdgeStart, listener: OutputListener<K, V>, onClosed: () => void) {
    this.#topic = topic
    this.#from = from
    this.#listener = listener
    this.#onClosed = onClosed
  }

  open(host: EdgeHost): Promise<void> | void {
    const opening = host.openReader(this.#topic.name, this.#from, {
      onRecords: (records) => this.#take(records),
      onError: (error) => this.#finish(error),
    })
    if (!(opening instanceof Promise)) return this.#opened(opening)
    return opening.then(
      (reader) => this.#opened(reader),
      (thrown: unknown) => {
        const error = thrown instanceof Error ? thrown : new Error(String(thrown))
        this.#finish(error)
        throw error
      },
    )
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#reader?.close()
    this.#onClosed()
  }

  /** Hands over what is there, as long as the subscriber takes it in time. */
  async end(host: EdgeHost, error: Error | undefined): Promise<void> {
    if (error === undefined && this.#reader !== undefined) {
      const finishing = this.#reader.finish()
      if (!(finishing instanceof Promise)) return this.#finish()
      const finished = finishing.then(
        () => undefined,
        (thrown: unknown) => (thrown instanceof Error ? thrown : new Error(String(thrown))),
      )
      let cancel = () => {}
      const late = new Promise<Error>((resolve) => {
        const timer = host.time.setTimer(drainTimeoutMs, () =>
          resolve(new Error(`The records of topic '${this.#topic.name}' were not taken within ${drainTimeoutMs} ms.`)),
        )
        cancel = () => timer.cancel()
      })
      const failure = await Promise.race([finished, late])
      cancel()
      this.#finish(failure)
    } else this.#finish(error)
  }

  #opened(reader: EdgeReader): void {
    this.#reader = reader
    if (this.#isClosed) reader.close()
  }

  #finish(error?: Error): void {
    if (this.#isClosed) return
    this.close()
    this.#listener.onEnd(error)
  }

  #take(records: readonly EdgeRecord[]): void | Promise<void> {
    if (this.#isClosed) return undefined
    let decoded: OutputRecord<K, V>[]
    try {
      decoded = records.map((record) => this.#decode(record))
    } catch (error) {
      this.#finish(error instanceof Error ? error : new Error(String(error)))
      return undefined
    }
    return this.#listener.onRecords(decoded)
  }

  #decode({ key, value, ...place }: EdgeRecord): OutputRecord<K, V> {
    const { name, keySerde, valueSerde } = this.#topic
    return {
      ...place,
      key: keySerde.deserialize(name, key, place.headers),
      value: valueSerde.deserialize(name, value, place.headers),
    }
  }
}

/** Writes a stream to a topic, with an edge that reads it from there. */
export function outputEdge<K, V>(
  stream: KStream<K, V>,
  topic: TopicDeclaration<K, V>,
  options: OutputOptions,
): OutputEdge<K, V> {
  stream.to(topic)
  const edge = new OutputEdge(topic, options)
  addEdge(stream, edge)
  return edge
}
