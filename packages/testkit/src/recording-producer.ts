import type { Headers } from '@millrace/serdes'
import type { Producer, ProducerListener } from '@millrace/streams-core/internal'

/** A record as it was sent. */
export interface ProducedRecord {
  readonly topic: string
  readonly partition: number
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  /** Unix ms. */
  readonly timestamp: number
  readonly headers: Headers
}

/**
 * A producer that keeps what it is given. Every topic exists and has one partition; everything is acknowledged at once.
 * @see org.apache.kafka.clients.producer.MockProducer
 */
export class RecordingProducer implements Producer {
  #records: ProducedRecord[] = []
  readonly #endOffsets = new Map<string, number>()
  #listener: ProducerListener | undefined

  /** What was sent since the last call. */
  take(): readonly ProducedRecord[] {
    const taken = this.#records
    this.#records = []
    return taken
  }

  get hasRecords(): boolean {
    return this.#records.length > 0
  }

  setListener(listener: ProducerListener): void {
    this.#listener = listener
  }

  send(
    topic: string,
    partition: number,
    key: Uint8Array | null,
    value: Uint8Array | null,
    timestamp: number,
    headers: Headers,
  ): void {
    this.#records.push({ topic, partition, key, value, timestamp, headers })
    const offset = this.#endOffsets.get(topic) ?? 0
    this.#endOffsets.set(topic, offset + 1)
    this.#listener?.onAcknowledged(topic, partition, offset)
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
