import { partitionForKey } from '@millrace/kafka-protocol'
import { Headers } from '@millrace/serdes'
import type { Producer } from '../clients/producer.ts'
import { toError } from '../errors.ts'
import type { Time } from '../time.ts'
import type { EdgeWriter } from './topology-edge.ts'

/** Sends what it is given at once; what comes while a batch is on its way goes with the next one. */
export class ClientEdgeWriter implements EdgeWriter {
  readonly #topic: string
  readonly #partitions: number
  readonly #producer: Producer
  readonly #time: Time
  #pending = 0
  #keyless = 0
  #error: Error | undefined
  #isFlushing = false
  readonly #waiting = new Set<() => void>()

  constructor(topic: string, partitions: number, producer: Producer, time: Time) {
    this.#topic = topic
    this.#partitions = partitions
    this.#producer = producer
    this.#time = time
    producer.setListener({
      onAcknowledged: () => {},
      onSendFailed: (_topic, _partition, error) => {
        this.#error ??= error
      },
    })
  }

  get pending(): number {
    return this.#pending
  }

  send(key: Uint8Array | null, value: Uint8Array | null, timestamp?: number, headers = Headers.empty): void {
    const partition = key === null ? this.#nextPartition() : partitionForKey(key, this.#partitions)
    this.#producer.send(this.#topic, partition, key, value, timestamp ?? this.#time.now(), headers)
    this.#pending += 1
    if (!this.#isFlushing) void this.#flush()
  }

  async whenPendingAtMost(count: number): Promise<void> {
    while (this.#pending > count && this.#error === undefined) {
      await new Promise<void>((resolve) => this.#waiting.add(resolve))
    }
    if (this.#error !== undefined) throw this.#error
  }

  async close(): Promise<void> {
    try {
      await this.whenPendingAtMost(0)
    } finally {
      await this.#producer.close()
    }
  }

  async #flush(): Promise<void> {
    this.#isFlushing = true
    while (this.#pending > 0 && this.#error === undefined) {
      // Records that are given in the same turn make one batch.
      await this.#time.nextTurn()
      const sent = this.#pending
      try {
        await this.#producer.flush()
      } catch (error) {
        this.#error ??= toError(error)
      }
      this.#pending -= sent
      for (const resolve of this.#waiting) resolve()
      this.#waiting.clear()
    }
    this.#isFlushing = false
  }

  #nextPartition(): number {
    this.#keyless += 1
    return this.#keyless % this.#partitions
  }
}
