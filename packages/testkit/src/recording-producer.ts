import type { Headers } from '@millrace/serdes'
import type { ConsumerRecord, Producer } from '@millrace/streams-core/internal'
import type { DriverTopic } from './driver-topic.ts'

/**
 * A record as it was sent, which is also how it is read again. A class, because V8 may decide to make object literals in its old
 * generation when many of them live for a while; each would then keep its key and value alive until the next full collection.
 */
export class ProducedRecord implements ConsumerRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly timestamp: number
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly headers: Headers

  constructor(
    topic: string,
    partition: number,
    offset: number,
    timestamp: number,
    key: Uint8Array | null,
    value: Uint8Array | null,
    headers: Headers,
  ) {
    this.topic = topic
    this.partition = partition
    this.offset = offset
    this.timestamp = timestamp
    this.key = key
    this.value = value
    this.headers = headers
  }
}

/**
 * A producer that keeps what it is given. Every topic exists and has one partition; nothing fails or waits to be acknowledged.
 * @see org.apache.kafka.clients.producer.MockProducer
 */
export class RecordingProducer implements Producer {
  #records: ProducedRecord[] = []
  #topics: DriverTopic[] = []
  readonly #topicOf: (name: string) => DriverTopic

  constructor(topicOf: (name: string) => DriverTopic) {
    this.#topicOf = topicOf
  }

  /** Hands on what was sent since the last call, in order. What is sent meanwhile is for the next call. */
  drain(handle: (topic: DriverTopic, record: ProducedRecord) => void): void {
    const records = this.#records
    const topics = this.#topics
    this.#records = []
    this.#topics = []
    for (let at = 0; at < records.length; at++) handle(topics[at]!, records[at]!)
  }

  get hasRecords(): boolean {
    return this.#records.length > 0
  }

  setListener(): void {}

  send(
    topic: string,
    partition: number,
    key: Uint8Array | null,
    value: Uint8Array | null,
    timestamp: number,
    headers: Headers,
  ): void {
    const to = this.#topicOf(topic)
    this.#topics.push(to)
    this.#records.push(new ProducedRecord(topic, partition, to.nextOffset++, timestamp, key, value, headers))
  }

  bufferedBytes(): number {
    return 0
  }

  async flush(): Promise<void> {}

  partitionCount(): number {
    return 1
  }

  async initTransactions(): Promise<void> {}

  beginTransaction(): void {}

  async sendOffsetsToTransaction(): Promise<void> {}

  async commitTransaction(): Promise<void> {}

  async abortTransaction(): Promise<void> {}

  async close(): Promise<void> {}
}
