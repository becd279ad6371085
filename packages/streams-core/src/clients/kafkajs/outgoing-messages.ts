import type { Message } from 'kafkajs'
import type { TopicPartition } from '../consumer.ts'

/** Messages of one partition, and what they amount to. */
export interface OutgoingBatch extends TopicPartition {
  readonly messages: Message[]
  bytes: number
}

/** What waits to be sent, in order per partition. A batch is what one request may bring a partition. */
export class OutgoingMessages {
  readonly #batchBytes: number
  readonly #waiting = new Map<string, OutgoingBatch[]>()

  constructor(batchBytes: number) {
    this.#batchBytes = batchBytes
  }

  get isEmpty(): boolean {
    return this.#waiting.size === 0
  }

  add(topic: string, partition: number, message: Message, bytes: number): void {
    const name = `${topic}-${partition}`
    let batches = this.#waiting.get(name)
    if (batches === undefined) {
      batches = []
      this.#waiting.set(name, batches)
    }
    let batch = batches.at(-1)
    if (batch === undefined || batch.bytes + bytes > this.#batchBytes) {
      batch = { topic, partition, messages: [], bytes: 0 }
      batches.push(batch)
    }
    batch.messages.push(message)
    batch.bytes += bytes
  }

  /** Takes the oldest batch of each partition. */
  takeOldest(): readonly OutgoingBatch[] {
    const taken: OutgoingBatch[] = []
    for (const [name, batches] of this.#waiting) {
      taken.push(batches.shift()!)
      if (batches.length === 0) this.#waiting.delete(name)
    }
    return taken
  }

  clear(): void {
    this.#waiting.clear()
  }
}
