import type { Headers } from '@millrace/serdes'
import type { ConsumerRecord, Producer } from '@millrace/streams-core/internal'

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
  readonly #nextOffset: (topic: string) => number

  /** `nextOffset` gives each record of a topic its offset. */
  constructor(nextOffset: (topic: string) => number) {
    this.#nextOffset = nextOffset
  }

  /** What was sent since the last call. */
  take(): readonly ProducedRecord[] {
    const taken = this.#records
    this.#records = []
    return taken
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
    this.#records.push({ topic, partition, offset: this.#nextOffset(topic), key, value, timestamp, headers })
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
