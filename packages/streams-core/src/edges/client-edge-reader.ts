import type { Consumer, PartitionRecords, TopicPartition } from '../clients/consumer.ts'
import { toError } from '../errors.ts'
import type { EdgeListener, EdgeReader } from './topology-edge.ts'

/** ms that a poll waits for records. */
const pollMs = 100

/** Polls and hands over in turn: while the listener is busy nothing is read. */
export class ClientEdgeReader implements EdgeReader {
  readonly #consumer: Consumer
  readonly #endOffsets: () => Promise<ReadonlyMap<TopicPartition, number>>
  readonly #listener: EdgeListener
  readonly #ended: Promise<void>
  #isClosed = false
  /** Where to end; undefined: nowhere yet. */
  #ends: ReadonlyMap<TopicPartition, number> | undefined

  constructor(
    consumer: Consumer,
    endOffsets: () => Promise<ReadonlyMap<TopicPartition, number>>,
    listener: EdgeListener,
  ) {
    this.#consumer = consumer
    this.#endOffsets = endOffsets
    this.#listener = listener
    this.#ended = this.#run()
  }

  close(): void {
    this.#isClosed = true
    this.#consumer.wakeup()
  }

  async finish(): Promise<void> {
    if (!this.#isClosed) this.#ends = await this.#endOffsets()
    this.#consumer.wakeup()
    await this.#ended
  }

  async #run(): Promise<void> {
    try {
      while (!this.#isClosed && !this.#isAtEnd()) {
        for (const polled of await this.#consumer.poll(pollMs)) {
          if (this.#isClosed) return
          if (polled.records.length > 0) await this.#listener.onRecords(withPlace(polled))
        }
      }
    } catch (error) {
      if (!this.#isClosed) this.#listener.onError(toError(error))
    } finally {
      await this.#consumer.close()
    }
  }

  #isAtEnd(): boolean {
    if (this.#ends === undefined) return false
    for (const [partition, end] of this.#ends) if (this.#consumer.position(partition) < end) return false
    return true
  }
}

function withPlace({ topic, partition, records }: PartitionRecords) {
  return records.map(({ offset, timestamp, key, value, headers }) => ({
    topic,
    partition,
    offset,
    timestamp,
    key,
    value,
    headers,
  }))
}
