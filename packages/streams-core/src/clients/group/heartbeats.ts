import type { Time, Timer } from '../../time.ts'
import { ClientError } from '../client-error.ts'
import type { GroupMetadata } from '../consumer.ts'
import type { GroupCoordinator } from './group-coordinator.ts'

/** Hears of heartbeats that failed. */
export interface HeartbeatListener {
  /** Resolves to whether the session goes on. */
  onFailure(error: unknown): Promise<boolean>
}

/** Tells a coordinator that a member is alive, as long as its consumer is polled. */
export interface Heartbeats {
  /** Begins for a generation of the member, in place of an earlier one. Resolves when it goes by itself, or could not begin. */
  start(member: GroupMetadata, listener: HeartbeatListener): Promise<void>
  /** Beats now, without waiting for the interval to end. */
  hasten(): void
  /** The consumer is polled. */
  polled(): void
  stop(): void
}

/** How often, and how long without a poll. ms. */
export interface HeartbeatTimes {
  readonly intervalMs: number
  readonly maxPollIntervalMs: number
}

/** Heartbeats on the event loop: a function that blocks it stops them. */
export class EventLoopHeartbeats implements Heartbeats {
  readonly #coordinator: GroupCoordinator
  readonly #times: HeartbeatTimes
  readonly #time: Pick<Time, 'now' | 'setTimer'>
  #beating: { readonly member: GroupMetadata; readonly listener: HeartbeatListener } | undefined
  #timer: Timer | undefined
  #polledAtMs = 0

  constructor(coordinator: GroupCoordinator, times: HeartbeatTimes, time: Pick<Time, 'now' | 'setTimer'>) {
    this.#coordinator = coordinator
    this.#times = times
    this.#time = time
  }

  async start(member: GroupMetadata, listener: HeartbeatListener): Promise<void> {
    this.stop()
    this.#beating = { member, listener }
    this.polled()
    this.#arm()
  }

  hasten(): void {
    if (this.#timer === undefined) return
    this.#timer.cancel()
    void this.#beat()
  }

  polled(): void {
    this.#polledAtMs = this.#time.now()
  }

  stop(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    this.#beating = undefined
  }

  #arm(): void {
    this.#timer = this.#time.setTimer(this.#times.intervalMs, () => void this.#beat())
  }

  async #beat(): Promise<void> {
    this.#timer = undefined
    const beating = this.#beating
    if (beating === undefined) return
    const { member, listener } = beating
    try {
      if (this.#time.now() - this.#polledAtMs > this.#times.maxPollIntervalMs) await this.#giveUp(member)
      await this.#coordinator.heartbeat(member)
    } catch (error) {
      if (this.#beating !== beating) return
      if (!(await listener.onFailure(error))) {
        if (this.#beating === beating) this.stop()
        return
      }
    }
    if (this.#beating === beating) this.#arm()
  }

  /** Others may have the partitions of a consumer that nobody polls. */
  async #giveUp(member: GroupMetadata): Promise<never> {
    if (member.groupInstanceId === undefined) await this.#coordinator.leave(member, false).catch(() => undefined)
    throw notPolled(member, this.#times.maxPollIntervalMs)
  }
}

/** Why a member whose consumer is not polled is none any more. */
export function notPolled({ groupId }: GroupMetadata, maxPollIntervalMs: number): ClientError {
  const text = `The consumer of group '${groupId}' was not polled for ${maxPollIntervalMs} ms (max.poll.interval.ms): its partitions go to others. Process less between two polls, or allow more time.`
  return new ClientError('UNKNOWN_MEMBER_ID', 'fenced', text)
}
