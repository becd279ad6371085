// FetchLoop: fetches from the brokers, one request per broker at a time, while the caller is busy with other things.
//
// Owns:      what has arrived and was not taken; which brokers are being asked.
// Does not:  keep positions (NativeConsumer), decode records (record-decoder).
// In:        send(positions); take(partition, position); wake().
//
// What arrives for a position that the consumer has left meanwhile is thrown away by `take`. Errors that may pass cost a short
// pause and a look at the metadata; others are thrown by `throwFailure`.

import {
  type Cluster,
  type FetchAnswer,
  type FetchPosition,
  FetchSession,
  requestFetch,
  sleep,
  type Time,
} from '@millrace/kafka-client'
import { errorName, isRetriableError } from '@millrace/kafka-protocol'
import { ClientError } from '../client-error.ts'
import { partitionName } from '../partition-name.ts'
import { mayPass, toClientError } from './native-error.ts'

const retryBackoffMs = 50

export interface FetchLoopOptions {
  readonly isolation: 'read_committed' | 'read_uncommitted'
  readonly maxBytes: number
  readonly maxPartitionBytes: number
  readonly time: Time
}

export class FetchLoop {
  readonly #cluster: Cluster
  readonly #options: FetchLoopOptions
  readonly #arrived = new Map<string, FetchAnswer>()
  readonly #busyBrokers = new Set<number>()
  readonly #sessions = new Map<number, FetchSession>()
  #isLearning = false
  #isWoken = false
  #failure: unknown
  #wake: (() => void) | undefined

  constructor(cluster: Cluster, options: FetchLoopOptions) {
    this.#cluster = cluster
    this.#options = options
  }

  /**
   * Asks the leaders that are not busy; those of partitions that are not known are looked up first. For a partition at most one
   * answer waits to be taken.
   */
  send(positions: readonly FetchPosition[], maxWaitMs: number): void {
    const byLeader = new Map<number, FetchPosition[]>()
    const unknown = new Set<string>()
    for (const position of positions) {
      if (this.#arrived.has(partitionName(position))) continue
      const leader = this.#cluster.knownTopic(position.topic)?.partitions[position.partition]?.leaderId ?? -1
      if (leader < 0) unknown.add(position.topic)
      else if (!this.#busyBrokers.has(leader)) {
        const own = byLeader.get(leader)
        if (own === undefined) byLeader.set(leader, [position])
        else own.push(position)
      }
    }
    for (const [leader, own] of byLeader) void this.#fetch(leader, own, maxWaitMs)
    if (unknown.size > 0 && !this.#isLearning) void this.#learn([...unknown])
  }

  /** Throws away what has arrived for other partitions. */
  retain(partitions: readonly { readonly topic: string; readonly partition: number }[]): void {
    const names = new Set(partitions.map(partitionName))
    for (const name of this.#arrived.keys()) if (!names.has(name)) this.#arrived.delete(name)
  }

  /** What has arrived for the partition from that position on: records, or OFFSET_OUT_OF_RANGE. */
  take(partition: { readonly topic: string; readonly partition: number }, position: number): FetchAnswer | undefined {
    const name = partitionName(partition)
    const answer = this.#arrived.get(name)
    if (answer === undefined) return undefined
    this.#arrived.delete(name)
    return answer.offset === position ? answer : undefined
  }

  /** Resolves when something has arrived or failed, after `wake`, or when the time is over. */
  async wait(timeoutMs: number): Promise<void> {
    if (this.#isWoken) return
    await new Promise<void>((resolve) => {
      const timer = this.#options.time.setTimer(timeoutMs, resolve)
      this.#wake = () => {
        timer.cancel()
        resolve()
      }
    })
    this.#wake = undefined
  }

  /** Ends the wait of now, or the next one. */
  wake(): void {
    this.#isWoken = true
    this.#wake?.()
  }

  /** Whether `wake` was called since the last time this was asked. */
  tookWake(): boolean {
    const wasWoken = this.#isWoken
    this.#isWoken = false
    return wasWoken
  }

  /** @throws ClientError that will not pass */
  throwFailure(): void {
    const failure = this.#failure
    this.#failure = undefined
    if (failure !== undefined) throw failure
  }

  async #fetch(leader: number, positions: readonly FetchPosition[], maxWaitMs: number): Promise<void> {
    this.#busyBrokers.add(leader)
    try {
      const limits = { ...this.#options, maxWaitMs }
      const answers = await requestFetch(this.#cluster, leader, positions, limits, this.#session(leader))
      let isHealthy = true
      for (const answer of answers) isHealthy = this.#arrive(answer) && isHealthy
      if (!isHealthy) await sleep(this.#options.time, retryBackoffMs)
    } catch (error) {
      for (const { topic } of positions) this.#cluster.forget(topic)
      await this.#pause(error)
    }
    this.#busyBrokers.delete(leader)
    this.#wake?.()
  }

  #session(leader: number): FetchSession {
    let session = this.#sessions.get(leader)
    if (session === undefined) {
      session = new FetchSession()
      this.#sessions.set(leader, session)
    }
    return session
  }

  #arrive(answer: FetchAnswer): boolean {
    const code = errorName(answer.errorCode)
    if (answer.errorCode === 0 || code === 'OFFSET_OUT_OF_RANGE') {
      this.#arrived.set(partitionName(answer), answer)
      return true
    }
    this.#cluster.forget(answer.topic)
    if (!isRetriableError(code)) {
      const place = `${answer.topic}-${answer.partition} from offset ${answer.offset}`
      this.#failure = new ClientError(code, 'fatal', `Reading ${place}: ${code}.`)
    }
    return false
  }

  async #learn(topics: readonly string[]): Promise<void> {
    this.#isLearning = true
    try {
      await this.#cluster.refresh(topics)
      const isWhole = topics.every((topic) => this.#cluster.knownTopic(topic)?.partitions.every((p) => p.leaderId >= 0))
      if (!isWhole) await sleep(this.#options.time, retryBackoffMs)
    } catch (error) {
      await this.#pause(error)
    }
    this.#isLearning = false
    this.#wake?.()
  }

  async #pause(error: unknown): Promise<void> {
    if (!mayPass(error)) this.#failure = toClientError(error)
    else await sleep(this.#options.time, retryBackoffMs)
  }
}
