// ProduceLoop: sends the batches of partitions to their leaders, several requests per broker under way, in order per partition.
//
// Owns:      which queues have something to send, requests under way, the retries.
// Does not:  take records (NativeProducer), run transactions (it asks `prepare` for the identity and for partitions to be added).
// In:        touch(queue); drain(); flush().
// Out:       onDone / onFailed by batch.
//
// Invariants
//   P1. Batches of a partition are sent in order, and repeated in order: after a failure nothing goes out until all requests of
//       the partition are answered. Brokers drop what they have already (sequence numbers).
//   P2. The first batch of a partition goes alone: a leader that has nothing from the producer takes any sequence as the first.
//   P3. A request is written in the same turn in which its batches are chosen; only connecting is waited for.

import { byTopic, type Cluster, type Connection, type Time, type Timer } from '@millrace/kafka-client'
import { type CompressionType, errorName, isRetriableError } from '@millrace/kafka-protocol'
import { produceApi } from '@millrace/kafka-protocol/messages'
import { ClientError } from '../client-error.ts'
import { errorKinds } from '../error-kinds.ts'
import type { Batch, BatchQueue } from './batch-queue.ts'
import { mayPass, toClientError } from './native-error.ts'
import type { ProducerIdentity } from './transaction-client.ts'

export interface ProduceLoopOptions {
  readonly transactionalId: string | undefined
  readonly compression: CompressionType
  /** How long an open batch waits for more records. */
  readonly lingerMs: number
  /** Requests under way to one broker. */
  readonly maxInFlight: number
  /** How long a batch is tried. */
  readonly deliveryTimeoutMs: number
  readonly requestTimeoutMs: number
  readonly time: Time
  /** Gets ready what must be before batches of the queues can go out; undefined: it is. Called again when it has settled. */
  readonly prepare: (queues: readonly BatchQueue[]) => Promise<void> | undefined
  readonly identity: () => ProducerIdentity
  /** Partitions join a transaction by being written to. */
  readonly joinsByWriting: () => boolean
  readonly onDone: (queue: BatchQueue) => void
  readonly onFailed: (queue: BatchQueue, batch: Batch, error: ClientError) => void
}

interface Sent {
  readonly queue: BatchQueue
  readonly batch: Batch
}

const retryBackoffMs = 50
/** While the coordinator still writes what ended the transaction before. */
const busyBackoffMs = 10

export class ProduceLoop {
  readonly #cluster: Cluster
  readonly #options: ProduceLoopOptions
  readonly #busy = new Set<BatchQueue>()
  readonly #connections = new Map<number, Connection>()
  readonly #inFlight = new Map<number, number>()
  readonly #idle: (() => void)[] = []
  #sending = 0
  #flushing = 0
  #timer: Timer | undefined
  #isConnecting = false
  #isLearning = false
  #isPreparing = false

  constructor(cluster: Cluster, options: ProduceLoopOptions) {
    this.#cluster = cluster
    this.#options = options
  }

  /** Whether some request is under way. */
  get isSending(): boolean {
    return this.#sending > 0
  }

  /** The queue has something to send. */
  touch(queue: BatchQueue): void {
    this.#busy.add(queue)
    this.#arm(this.#options.lingerMs)
  }

  /** Resolves when all batches are done or have failed. */
  async flush(): Promise<void> {
    this.#flushing += 1
    this.drain()
    while (this.#busy.size > 0) await new Promise<void>((resolve) => this.#idle.push(resolve))
    this.#flushing -= 1
  }

  /** Resolves when nothing is under way; nothing may be touched meanwhile. */
  async settle(): Promise<void> {
    while (this.#sending > 0) await new Promise<void>((resolve) => this.#idle.push(resolve))
  }

  /** Forgets all queues. */
  drop(): void {
    for (const queue of this.#busy) queue.isDropped = true
    this.#busy.clear()
    this.#wakeIdle()
  }

  /** Gives up all batches that are not under way. */
  failAll(error: ClientError): void {
    for (const queue of [...this.#busy]) {
      for (const batch of [...queue.batches]) if (batch.state === 'waiting') this.#fail(queue, batch, error)
    }
  }

  /** Sends what may go out now. */
  drain(): void {
    const now = this.#options.time.now()
    const openUntilMs = this.#flushing > 0 ? now : now - this.#options.lingerMs
    for (;;) {
      const ready = this.#ready(now, openUntilMs)
      if (ready.length === 0 || this.#isPreparing) return
      const preparing = this.#options.prepare(ready)
      if (preparing !== undefined) {
        void this.#prepare(preparing)
        return
      }
      if (!this.#sendRound(ready, openUntilMs)) return
    }
  }

  close(): void {
    this.#timer?.cancel()
    this.drop()
  }

  #ready(now: number, openUntilMs: number): readonly BatchQueue[] {
    const ready: BatchQueue[] = []
    for (const queue of this.#busy) {
      if (queue.batches.length === 0) this.#busy.delete(queue)
      const batch = queue.nextToSend(openUntilMs)
      if (batch === undefined || queue.retryAtMs > now) {
        if (queue.inFlight === 0 && queue.batches.length > 0) this.#arm(this.#options.lingerMs)
        continue
      }
      if (now - batch.createdMs > this.#options.deliveryTimeoutMs) this.#fail(queue, batch, this.#late(queue))
      else ready.push(queue)
    }
    return ready
  }

  /** One batch of each queue whose leader has room. False when nothing could be sent. */
  #sendRound(ready: readonly BatchQueue[], openUntilMs: number): boolean {
    const byLeader = new Map<number, Sent[]>()
    const unknown = new Set<string>()
    for (const queue of ready) {
      const leader = this.#cluster.knownTopic(queue.topic)?.partitions[queue.partition]?.leaderId ?? -1
      if (leader < 0) {
        unknown.add(queue.topic)
        continue
      }
      if ((this.#inFlight.get(leader) ?? 0) >= this.#options.maxInFlight) continue
      if (!this.#connections.get(leader)?.isOpen) {
        if (!this.#isConnecting) void this.#connect(leader)
        continue
      }
      const batch = queue.nextToSend(openUntilMs)!
      const own = byLeader.get(leader)
      if (own === undefined) byLeader.set(leader, [{ queue, batch }])
      else own.push({ queue, batch })
    }
    if (unknown.size > 0 && !this.#isLearning) void this.#learn([...unknown])
    for (const [leader, sent] of byLeader) void this.#send(leader, sent)
    return byLeader.size > 0
  }

  async #send(leader: number, sent: readonly Sent[]): Promise<void> {
    const { transactionalId, requestTimeoutMs, compression } = this.#options
    const identity = this.#options.identity()
    const isTransactional = transactionalId !== undefined
    const rows = sent.map(({ queue, batch }) => {
      queue.isRetrying = false
      queue.inFlight += 1
      batch.state = 'sent'
      const baseSequence = queue.assignSequence(batch)
      const records = batch.builder.build({ ...identity, baseSequence, isTransactional, compression })
      return { topic: queue.topic, partition: queue.partition, records }
    })
    const topics = [...byTopic(rows)]
    const request = {
      transactionalId: transactionalId ?? null,
      acks: -1,
      timeoutMs: requestTimeoutMs,
      topicData: topics.map(([name, own]) => ({
        name,
        partitionData: own.map(({ partition, records }) => ({ index: partition, records })),
      })),
    }
    this.#sending += 1
    this.#inFlight.set(leader, (this.#inFlight.get(leader) ?? 0) + 1)
    // From version 12 on the partition joins the transaction by itself (KIP-890).
    const maxVersion = isTransactional && !this.#options.joinsByWriting() ? 11 : 12
    const connection = this.#connections.get(leader)!
    const answer = await connection
      .request(produceApi, request, { maxVersion, waitMs: requestTimeoutMs })
      .catch((error: Error) => error)
    if (answer instanceof Error) {
      for (const { queue, batch } of sent) {
        queue.inFlight -= 1
        if (queue.isDropped) continue
        if (mayPass(answer)) this.#sendAgain(queue, batch)
        else this.#fail(queue, batch, toClientError(answer) as ClientError)
      }
    } else {
      const found = new Map(
        answer.responses.flatMap(({ name, partitionResponses }) =>
          partitionResponses.map((one) => [`${name}-${one.index}`, one] as const),
        ),
      )
      for (const one of sent) {
        const { queue } = one
        const result = found.get(`${queue.topic}-${queue.partition}`)
        this.#settled(one, result?.errorCode ?? -1, result?.baseOffset ?? -1, result?.errorMessage ?? null)
      }
    }
    this.#sending -= 1
    this.#inFlight.set(leader, this.#inFlight.get(leader)! - 1)
    if (this.#sending === 0 && this.#busy.size === 0) this.#wakeIdle()
    this.drain()
  }

  #settled({ queue, batch }: Sent, errorCode: number, baseOffset: number, errorMessage: string | null): void {
    queue.inFlight -= 1
    if (queue.isDropped) return
    const code = errorName(errorCode)
    if (code === 'NONE' || code === 'DUPLICATE_SEQUENCE_NUMBER') {
      queue.isKnownToLeader = true
      batch.state = 'done'
      batch.lastOffset = code === 'NONE' && baseOffset >= 0 ? baseOffset + batch.builder.recordCount - 1 : -1
      this.#done(queue)
      return
    }
    const isBehindAnother = code === 'OUT_OF_ORDER_SEQUENCE_NUMBER' && queue.hasOlder(batch)
    if (isRetriableError(code) || isBehindAnother) {
      this.#sendAgain(queue, batch, code)
      return
    }
    const text = `Producing to ${queue.topic}-${queue.partition}: ${errorMessage ? `${errorMessage} (${code})` : code}.`
    this.#fail(queue, batch, new ClientError(code, errorKinds[code] ?? 'fatal', text))
  }

  #sendAgain(queue: BatchQueue, batch: Batch, code?: string): void {
    batch.state = 'waiting'
    queue.isRetrying = true
    const isBusy = code === 'CONCURRENT_TRANSACTIONS'
    queue.retryAtMs = this.#options.time.now() + (isBusy ? busyBackoffMs : retryBackoffMs)
    // The leader may have moved; or it was only too early.
    if (!isBusy) this.#cluster.forget(queue.topic)
    if (this.#options.time.now() - batch.createdMs > this.#options.deliveryTimeoutMs) {
      this.#fail(queue, batch, this.#late(queue))
    }
  }

  #fail(queue: BatchQueue, batch: Batch, error: ClientError): void {
    queue.remove(batch)
    this.#options.onFailed(queue, batch, error)
    this.#done(queue)
  }

  #late({ topic, partition }: BatchQueue): ClientError {
    const { deliveryTimeoutMs, transactionalId } = this.#options
    const text = `Records for ${topic}-${partition} could not be delivered within ${deliveryTimeoutMs} ms. Is the cluster up, and does the partition have a leader?`
    return new ClientError('REQUEST_TIMED_OUT', transactionalId === undefined ? 'retriable' : 'abortable', text)
  }

  #done(queue: BatchQueue): void {
    this.#options.onDone(queue)
    if (queue.batches.length === 0) this.#busy.delete(queue)
    if (this.#busy.size === 0) this.#wakeIdle()
  }

  async #prepare(preparing: Promise<void>): Promise<void> {
    this.#isPreparing = true
    try {
      await preparing
    } finally {
      this.#isPreparing = false
    }
    this.drain()
  }

  async #connect(leader: number): Promise<void> {
    this.#isConnecting = true
    await this.#orPause(async () => {
      this.#connections.set(leader, await this.#cluster.connection(leader))
    })
    this.#isConnecting = false
    this.drain()
  }

  async #learn(topics: readonly string[]): Promise<void> {
    this.#isLearning = true
    await this.#orPause(async () => {
      await this.#cluster.refresh(topics)
      const isKnown = topics.some((topic) => this.#cluster.knownTopic(topic)?.partitions.some((p) => p.leaderId >= 0))
      if (!isKnown) await this.#pause()
    })
    this.#isLearning = false
    this.drain()
  }

  /** What does not succeed is tried again until the batches are too old. */
  async #orPause(step: () => Promise<void>): Promise<void> {
    try {
      await step()
    } catch (error) {
      if (mayPass(error)) {
        for (const { topic } of this.#busy) this.#cluster.forget(topic)
        await this.#pause()
        return
      }
      this.failAll(toClientError(error) as ClientError)
    }
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => this.#options.time.setTimer(retryBackoffMs, resolve))
  }

  #arm(delayMs: number): void {
    this.#timer ??= this.#options.time.setTimer(delayMs, () => {
      this.#timer = undefined
      this.drain()
    })
  }

  #wakeIdle(): void {
    for (const resolve of this.#idle.splice(0)) resolve()
  }
}
