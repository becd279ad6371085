// ThreadHeartbeats: heartbeats of one member on a thread and a connection of their own.
//
// Owns:      the connection to the coordinator that they go over; the count of polls, which the thread reads.
// Does not:  decide what a failure means (GroupMembership).
//
// The thread repeats the encoded request while a function blocks the event loop, up to the longest time between two polls. To connect
// anew, after a connection is lost or a coordinator has moved, it needs the event loop.

import { type Cluster, KafkaClientError, ThreadSocket } from '@millrace/kafka-client'
import { errorName } from '@millrace/kafka-protocol'
import { heartbeatApi, leaveGroupApi } from '@millrace/kafka-protocol/messages'
import type { GroupMetadata } from '../consumer.ts'
import { type HeartbeatListener, type Heartbeats, type HeartbeatTimes, notPolled } from '../group/heartbeats.ts'
import { toClientError } from './native-error.ts'

/** Its answer has the error code behind size, correlation id and, from version 1 on, throttle time; later ones have tags before. */
const lastPlainVersion = 3

interface Beating {
  readonly member: GroupMetadata
  readonly listener: HeartbeatListener
  socket: ThreadSocket | undefined
  /** Of the socket, which outlives a generation. */
  readonly onClose: () => void
}

export class ThreadHeartbeats implements Heartbeats {
  readonly #cluster: Cluster
  readonly #times: HeartbeatTimes & { readonly sessionTimeoutMs: number }
  readonly #polls = new Int32Array(new SharedArrayBuffer(4))
  #beating: Beating | undefined

  /** `cluster`: connects on the thread. */
  constructor(cluster: Cluster, times: HeartbeatTimes & { readonly sessionTimeoutMs: number }) {
    this.#cluster = cluster
    this.#times = times
  }

  async start(member: GroupMetadata, listener: HeartbeatListener): Promise<void> {
    this.stop()
    const beating: Beating = { member, listener, socket: undefined, onClose: () => this.#connectAnew(beating) }
    this.#beating = beating
    this.polled()
    try {
      await this.#repeat(beating)
    } catch (error) {
      void this.#failed(beating, error)
    }
  }

  hasten(): void {
    this.#beating?.socket?.hasten()
  }

  polled(): void {
    Atomics.add(this.#polls, 0, 1)
  }

  stop(): void {
    const { socket, onClose } = this.#beating ?? {}
    socket?.rest()
    if (onClose !== undefined) socket?.off('close', onClose)
    this.#beating = undefined
  }

  async close(): Promise<void> {
    this.stop()
    await this.#cluster.close()
  }

  async #begin(beating: Beating): Promise<void> {
    try {
      await this.#repeat(beating)
    } catch (error) {
      await this.#failed(beating, error)
    }
  }

  async #repeat(beating: Beating): Promise<void> {
    const { member } = beating
    const { groupId, generationId, memberId, groupInstanceId = null } = member
    const nodeId = await this.#cluster.coordinatorOf('group', groupId)
    const connection = await this.#cluster.connection(nodeId)
    if (this.#beating !== beating || !(connection.socket instanceof ThreadSocket)) return
    const request = { groupId, generationId, memberId, groupInstanceId }
    const { frame, version } = connection.encode(heartbeatApi, request, lastPlainVersion)
    const leave = connection.encode(leaveGroupApi, { groupId, memberId, members: [{ memberId, groupInstanceId }] })
    const { intervalMs, sessionTimeoutMs, maxPollIntervalMs } = this.#times
    this.#watch(beating, connection.socket)
    connection.socket.repeat(
      {
        frame,
        errorAt: version === 0 ? 8 : 12,
        intervalMs,
        answerTimeoutMs: sessionTimeoutMs,
        idleTimeoutMs: maxPollIntervalMs,
        polls: this.#polls.buffer as SharedArrayBuffer,
        farewell: groupInstanceId === null ? leave.frame : undefined,
      },
      {
        onError: (code) => void this.#failed(beating, heartbeatError(groupId, code)),
        onIdle: () => void this.#failed(beating, notPolled(member, maxPollIntervalMs)),
      },
    )
  }

  #watch(beating: Beating, socket: ThreadSocket): void {
    if (beating.socket === socket) return
    beating.socket = socket
    socket.once('close', beating.onClose)
  }

  #connectAnew(beating: Beating): void {
    if (this.#beating !== beating) return
    beating.socket = undefined
    void this.#begin(beating)
  }

  async #failed(beating: Beating, error: unknown): Promise<void> {
    if (this.#beating !== beating) return
    const goesOn = await beating.listener.onFailure(toClientError(error))
    if (this.#beating !== beating) return
    if (!goesOn) this.stop()
    else if (!isRebalance(error)) await this.#begin(beating)
  }
}

function heartbeatError(groupId: string, code: number): KafkaClientError {
  const name = errorName(code)
  return new KafkaClientError(name, `Heartbeat in group '${groupId}': ${name}`)
}

function isRebalance(error: unknown): boolean {
  return error instanceof KafkaClientError && error.code === 'REBALANCE_IN_PROGRESS'
}
