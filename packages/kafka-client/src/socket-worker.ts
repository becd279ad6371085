import type * as Net from 'node:net'
import type * as Tls from 'node:tls'
import type { MessagePort } from 'node:worker_threads'
import type { TlsOptions } from './tls-options.ts'

/** A request that is sent again and again by the thread itself. */
export interface RepeatedRequest {
  /** The whole frame; its correlation id is set for each sending. */
  readonly frame: Uint8Array
  /** Where the error code is in the answer's frame. */
  readonly errorAt: number
  readonly intervalMs: number
  /** Without an answer for so long the connection is given up. */
  readonly answerTimeoutMs: number
  /** Ends when nobody has counted `polls` up for so long. */
  readonly idleTimeoutMs: number
  /** One int32, which the owner counts up. */
  readonly polls: SharedArrayBuffer
  /** Sent once when it ends by itself; undefined: nothing. */
  readonly farewell: Uint8Array | undefined
}

/** To the thread. `repetition` tells the answers of one repeated request from those of the next. */
export type SocketCommand =
  | {
      readonly type: 'open'
      readonly id: number
      readonly host: string
      readonly port: number
      readonly tls: TlsOptions
    }
  | { readonly type: 'write'; readonly id: number; readonly bytes: Uint8Array }
  | { readonly type: 'close'; readonly id: number }
  | { readonly type: 'repeat'; readonly id: number; readonly repetition: number; readonly request: RepeatedRequest }
  | { readonly type: 'hasten'; readonly id: number }
  | { readonly type: 'rest'; readonly id: number }

/** From the thread. */
export type SocketEvent =
  | { readonly type: 'opened' | 'closed'; readonly id: number; readonly reason: string | undefined }
  | { readonly type: 'data'; readonly id: number; readonly bytes: Uint8Array }
  | { readonly type: 'answer'; readonly id: number; readonly repetition: number; readonly errorCode: number }
  | { readonly type: 'idle'; readonly id: number; readonly repetition: number }

/**
 * What the thread runs: sockets whose bytes go to and from the owner, and requests that it repeats while the owner is busy.
 * It is started from its own text, so it uses nothing from outside.
 */
export function socketWorker(require: NodeJS.Require): void {
  const { parentPort } = require('node:worker_threads') as { parentPort: MessagePort }
  const net = require('node:net') as typeof Net
  const tls = require('node:tls') as typeof Tls
  /** Correlation ids from here on are of repeated requests. */
  const ownIds = 0x40000000

  const post = (event: SocketEvent): void => parentPort.postMessage(event)

  class ThreadSide {
    readonly id: number
    readonly socket: Net.Socket
    received: Buffer = Buffer.alloc(0)
    repetition = 0
    request: RepeatedRequest | undefined
    timer: NodeJS.Timeout | undefined
    nextId = ownIds
    sentAt: number | undefined
    polls = 0
    polledAt = 0

    constructor(id: number, socket: Net.Socket) {
      this.id = id
      this.socket = socket
      socket.setNoDelay(true)
      socket.on('data', (chunk) => this.receive(chunk))
      socket.on('error', (error) => this.end(error.message))
      socket.on('close', () => this.end('the broker closed the connection'))
    }

    receive(chunk: Buffer): void {
      this.received = this.received.length === 0 ? chunk : Buffer.concat([this.received, chunk])
      while (this.received.length >= 8) {
        const end = this.received.readInt32BE(0) + 4
        if (end < 8) this.end('a frame without a header')
        if (end < 8 || this.received.length < end) return
        const frame = this.received.subarray(0, end)
        this.received = this.received.subarray(end)
        if (frame.readInt32BE(4) < ownIds) post({ type: 'data', id: this.id, bytes: new Uint8Array(frame) })
        else this.answered(frame)
      }
    }

    answered(frame: Buffer): void {
      this.sentAt = undefined
      if (this.request === undefined || frame.readInt32BE(4) !== this.nextId - 1) return
      const errorCode = frame.readInt16BE(this.request.errorAt)
      if (errorCode !== 0) post({ type: 'answer', id: this.id, repetition: this.repetition, errorCode })
    }

    repeat(request: RepeatedRequest, repetition: number): void {
      this.rest()
      this.request = request
      this.repetition = repetition
      this.polledAt = performance.now()
      this.timer = setInterval(() => this.send(), request.intervalMs)
    }

    send(): void {
      const { request } = this
      if (request === undefined) return
      const now = performance.now()
      const polls = Atomics.load(new Int32Array(request.polls), 0)
      if (polls !== this.polls) {
        this.polls = polls
        this.polledAt = now
      }
      if (now - this.polledAt > request.idleTimeoutMs) {
        if (request.farewell !== undefined) this.write(request.farewell)
        post({ type: 'idle', id: this.id, repetition: this.repetition })
        this.rest()
        return
      }
      if (this.sentAt !== undefined) {
        if (now - this.sentAt > request.answerTimeoutMs) this.end('a heartbeat was not answered')
        return
      }
      this.sentAt = now
      this.write(request.frame)
    }

    /** With a correlation id of our own. */
    write(frame: Uint8Array): void {
      const bytes = Buffer.from(frame)
      bytes.writeInt32BE(this.nextId, 8)
      this.nextId = this.nextId === 0x7fffffff ? ownIds : this.nextId + 1
      this.socket.write(bytes)
    }

    rest(): void {
      clearInterval(this.timer)
      this.request = undefined
    }

    end(reason: string): void {
      if (!sides.delete(this.id)) return
      this.rest()
      this.socket.destroy()
      post({ type: 'closed', id: this.id, reason })
    }
  }

  const sides = new Map<number, ThreadSide>()

  const open = ({ id, host, port, tls: options }: Extract<SocketCommand, { type: 'open' }>): void => {
    const onConnect = (): void => post({ type: 'opened', id, reason: undefined })
    const material = typeof options === 'object' ? options : {}
    const servername = net.isIP(host) === 0 ? { servername: host } : {}
    const socket =
      options === false
        ? net.connect({ host, port }, onConnect)
        : tls.connect({ host, port, ...servername, ...material }, onConnect)
    sides.set(id, new ThreadSide(id, socket))
  }

  parentPort.on('message', (command: SocketCommand) => {
    if (command.type === 'open') return open(command)
    const side = sides.get(command.id)
    if (side === undefined) return
    switch (command.type) {
      case 'write':
        side.socket.write(command.bytes)
        break
      case 'close':
        side.end('closed')
        break
      case 'repeat':
        side.repeat(command.request, command.repetition)
        break
      case 'hasten':
        side.send()
        break
      case 'rest':
        side.rest()
        break
    }
  })
}
