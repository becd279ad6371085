import type { Headers } from '@millrace/serdes'
import type { ConsumerRecord, Producer } from '@millrace/streams-core/internal'
import type { DriverTopic } from './driver-topic.ts'

/** A record as it was sent, which is also how it is read again. */
export interface ProducedRecord extends ConsumerRecord {
  readonly topic: string
  readonly partition: number
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
    this.#records.push({ topic, partition, offset: to.nextOffset++, key, value, timestamp, headers })
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
