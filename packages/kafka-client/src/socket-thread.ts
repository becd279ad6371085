// SocketThread: sockets on a thread of their own, so that heartbeats go on while a function blocks the event loop.
//
// Owns:      the worker thread, one for all of a process, started at the first use; it does not keep the process alive.
// Does not:  know the protocol: connections are opened, authenticated and read by Connection, through a ThreadSocket.
// In:        connectOnThread(host, port, tls).
// Out:       ThreadSocket, a Duplex that can also repeat a request by itself.

import { Duplex } from 'node:stream'
import { Worker } from 'node:worker_threads'
import { type RepeatedRequest, type SocketCommand, type SocketEvent, socketWorker } from './socket-worker.ts'
import type { TlsOptions } from './tls-options.ts'

/** What happens to a repeated request. */
export interface RepetitionListener {
  /** An answer with an error has come; the request is repeated all the same. */
  onError(errorCode: number): void
  /** Nobody has counted `polls` up in time; the request is not repeated any more. */
  onIdle(): void
}

/** A connection whose socket is on the thread. */
export class ThreadSocket extends Duplex {
  readonly #id: number
  readonly #post: (command: SocketCommand) => void
  #repetition = 0
  #listener: RepetitionListener | undefined

  constructor(id: number, post: (command: SocketCommand) => void) {
    super()
    this.#id = id
    this.#post = post
  }

  /** Sends a request again and again until `rest`, another one, or the end of the connection. */
  repeat(request: RepeatedRequest, listener: RepetitionListener): void {
    this.#repetition += 1
    this.#listener = listener
    this.#post({ type: 'repeat', id: this.#id, repetition: this.#repetition, request })
  }

  /** Sends the repeated request now, without waiting for the interval to end. */
  hasten(): void {
    this.#post({ type: 'hasten', id: this.#id })
  }

  rest(): void {
    this.#listener = undefined
    this.#post({ type: 'rest', id: this.#id })
  }

  /** For the thread. */
  receive(event: SocketEvent): void {
    switch (event.type) {
      case 'opened':
        this.emit('connect')
        break
      case 'data':
        this.push(event.bytes)
        break
      case 'closed':
        this.destroy(new Error(event.reason))
        break
      case 'answer':
        if (event.repetition === this.#repetition) this.#listener?.onError(event.errorCode)
        break
      case 'idle':
        if (event.repetition === this.#repetition) this.#listener?.onIdle()
        break
    }
  }

  override _read(): void {
    // What comes is pushed at once.
  }

  override _write(bytes: Uint8Array, _encoding: BufferEncoding, done: () => void): void {
    this.#post({ type: 'write', id: this.#id, bytes: new Uint8Array(bytes) })
    done()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#listener = undefined
    this.#post({ type: 'close', id: this.#id })
    done(error)
  }
}

interface RunningThread {
  readonly worker: Worker
  readonly sockets: Map<number, ThreadSocket>
}

let running: RunningThread | undefined
let nextId = 0

/** Begins to connect; the socket emits `connect`, or `error` and `close`. */
export function connectOnThread(host: string, port: number, tls: TlsOptions = false): ThreadSocket {
  running ??= startThread()
  const { worker, sockets } = running
  nextId += 1
  const id = nextId
  const socket = new ThreadSocket(id, (command) => worker.postMessage(command))
  sockets.set(id, socket)
  socket.once('close', () => sockets.delete(id))
  worker.postMessage({ type: 'open', id, host, port, tls } satisfies SocketCommand)
  return socket
}

function startThread(): RunningThread {
  const worker = new Worker(`(${socketWorker.toString()})(require)`, { eval: true, name: 'millrace-heartbeats' })
  const sockets = new Map<number, ThreadSocket>()
  worker.on('message', (event: SocketEvent) => sockets.get(event.id)?.receive(event))
  // After the listener, which holds the process.
  worker.unref()
  worker.on('error', (error) => {
    running = undefined
    for (const socket of [...sockets.values()]) socket.destroy(error)
  })
  return { worker, sockets }
}
