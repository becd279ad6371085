import type { Headers } from '@millrace/serdes'
import type { Producer } from '../clients/producer.ts'

/** Decides what a failed send means; may throw or remember. */
export type SendFailureListener = (topic: string, partition: number, error: Error) => void

/**
 * The producer of one worker with what its tasks need to know of it: the last acknowledged offset of each changelog
 * partition, and the first failure that was not handled.
 * @see org.apache.kafka.streams.processor.internals.StreamsProducer
 */
export class StreamsProducer {
  readonly producer: Producer
  readonly #acknowledged = new Map<string, number[]>()
  #onFailure: SendFailureListener = () => {}

  constructor(producer: Producer) {
    this.producer = producer
    producer.setListener({
      onAcknowledged: (topic, partition, lastOffset) => {
        let offsets = this.#acknowledged.get(topic)
        if (offsets === undefined) {
          offsets = []
          this.#acknowledged.set(topic, offsets)
        }
        offsets[partition] = lastOffset
      },
      onSendFailed: (topic, partition, error) => this.#onFailure(topic, partition, error),
    })
  }

  setFailureListener(listener: SendFailureListener): void {
    this.#onFailure = listener
  }

  send(
    topic: string,
    partition: number,
    key: Uint8Array | null,
    value: Uint8Array | null,
    timestamp: number,
    headers: Headers,
  ): void {
    this.producer.send(topic, partition, key, value, timestamp, headers)
  }

  partitionCount(topic: string): number {
    return this.producer.partitionCount(topic)
  }

  /** Offset of the last record that was acknowledged for the partition; undefined when there was none. */
  lastAcknowledgedOffset(topic: string, partition: number): number | undefined {
    return this.#acknowledged.get(topic)?.[partition]
  }
}
