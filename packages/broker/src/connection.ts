// Connection: one client's socket.
//
// Owns:      the socket, the bytes that have arrived, the order of answers, back-pressure.
// Does not:  know requests (RequestRouter).
// In:        bytes from the socket; close().
// Out:       frames to RequestRouter.route; its answers to the socket.
//
// Invariants
//   C1. One request of a connection is handled at a time, as in Kafka: answers are in the order of requests, and a
//       producer's batches in the order sent. A long poll holds up its own connection only.
//   C2. While the client does not read its answers, nothing more of it is handled, and nothing more is read from it.
//   C3. After a malformed frame nothing of the connection is handled.

import type { Socket } from 'node:net'
import type { AnswerMemory } from './answer-memory.ts'
import { Authentication } from './authentication.ts'
import type { ConnectionMemory, MemoryHolder } from './connection-memory.ts'
import { errorMessageOf } from './error-mapping.ts'
import { FrameReader } from './frame-reader.ts'
import type { ClientConnection } from './request-context.ts'
import type { Answer, RequestRouter } from './request-router.ts'
import type { SaslMechanism } from './sasl.ts'

/** What a connection needs of its broker. */
export interface ConnectionOptions {
  readonly router: RequestRouter
  readonly memory: ConnectionMemory
  readonly answerMemory: AnswerMemory
  /** Where clients of this listener reach the broker. */
  readonly host: string
  readonly port: number
  readonly maxFrameBytes: number
  /** Before the client has authenticated. */
  readonly maxUnauthenticatedFrameBytes: number
  readonly maxIdleMs: number
  /** null: no SASL is asked for. */
  readonly saslMechanisms: readonly SaslMechanism[] | null
  /** Who the client is without SASL. */
  readonly principal: string
  log(message: string): void
}

/** Above so many bytes that wait behind a request in progress the socket is not read. */
const readAheadBytes = 128 * 1024

export class Connection implements ClientConnection, MemoryHolder {
  readonly host: string
  readonly port: number
  readonly remoteAddress: string
  readonly clientHost: string
  readonly authentication: Authentication
  readonly #socket: Socket
  readonly #options: ConnectionOptions
  readonly #frames: FrameReader
  readonly #abort = new AbortController()
  /** What the present answer was read to. */
  #lent: Uint8Array[] = []
  #isHandling = false
  #isBlocked = false
  #isPausedByMemory = false
  #closesAfterAnswer = false
  #isClosed = false

  constructor(socket: Socket, options: ConnectionOptions) {
    this.#socket = socket
    this.#options = options
    this.host = options.host
    this.port = options.port
    this.clientHost = `/${socket.remoteAddress}`
    this.remoteAddress = `${socket.remoteAddress}:${socket.remotePort}`
    this.authentication = new Authentication(options.saslMechanisms, options.principal)
    this.#frames = new FrameReader(() =>
      this.authentication.isComplete ? options.maxFrameBytes : options.maxUnauthenticatedFrameBytes,
    )
    socket.setNoDelay(true)
    socket.setTimeout(options.maxIdleMs, () => {
      if (!this.#isHandling || this.#isBlocked) this.close()
    })
    socket.on('data', (chunk) => this.#received(chunk))
    socket.on('drain', () => this.#drained())
    socket.on('error', () => this.close())
    socket.on('close', () => this.close())
  }

  get signal(): AbortSignal {
    return this.#abort.signal
  }

  get principal(): string {
    return this.authentication.principal
  }

  answerMemory(length: number): Uint8Array {
    const memory = this.#options.answerMemory.take(length)
    this.#lent.push(memory)
    return memory
  }

  closeAfterAnswer(): void {
    this.#closesAfterAnswer = true
  }

  /** Ends the connection at once; what is in progress for it is given up. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#options.memory.forget(this)
    if (!this.#socket.writableEnded) this.#socket.destroy()
    this.#abort.abort()
  }

  get waitsForClient(): boolean {
    return this.#isBlocked || !this.#isHandling
  }

  pauseReading(): void {
    this.#isPausedByMemory = true
    this.#socket.pause()
  }

  resumeReading(): void {
    this.#isPausedByMemory = false
    this.#setReading()
  }

  #setReading(): void {
    if (this.#isClosed) return
    const mustWait = (this.#isHandling || this.#isBlocked) && this.#frames.bufferedBytes > readAheadBytes
    if (mustWait || this.#isPausedByMemory) this.#socket.pause()
    else if (this.#socket.isPaused()) this.#socket.resume()
  }

  #received(chunk: Uint8Array): void {
    if (this.#isClosed) return
    this.#frames.push(chunk)
    this.#continue()
  }

  #handleFrames(): void {
    try {
      while (!this.#isHandling && !this.#isBlocked && !this.#isClosed) {
        const frame = this.#frames.next()
        if (frame === null) return
        const answer = this.#options.router.route(frame, this)
        if (answer instanceof Promise) this.#handleLater(answer)
        else this.#send(answer)
      }
    } catch (error) {
      this.#options.log(`Connection from ${this.remoteAddress} is closed: ${errorMessageOf(error)}`)
      this.close()
    }
  }

  #handleLater(pending: Promise<Answer>): void {
    this.#isHandling = true
    void pending.then((answer) => {
      this.#isHandling = false
      this.#send(answer)
      this.#continue()
    })
  }

  #drained(): void {
    this.#isBlocked = false
    this.#continue()
  }

  #continue(): void {
    this.#handleFrames()
    if (this.#isClosed) return
    this.#options.memory.holds(this, this.#frames.bufferedBytes + (this.#isBlocked ? this.#socket.writableLength : 0))
    this.#setReading()
  }

  /** Takes memory back. After an error the system may still be reading it. */
  #taker(lent: readonly Uint8Array[]): (error?: Error | null) => void {
    return (error) => {
      if (!error) for (const memory of lent) this.#options.answerMemory.giveBack(memory)
    }
  }

  #send(answer: Answer): void {
    const lent = this.#lent
    this.#lent = []
    if (this.#isClosed || answer === 'none') return
    if (answer === 'close') {
      // What was answered before still goes out.
      this.#socket.destroySoon()
      this.close()
      return
    }
    this.#socket.cork()
    answer.forEach((chunk, i) => {
      const onWritten = i === answer.length - 1 && lent.length > 0 ? this.#taker(lent) : undefined
      if (!this.#socket.write(chunk, onWritten)) this.#isBlocked = true
    })
    this.#socket.uncork()
    if (this.#closesAfterAnswer) this.#send('close')
  }
}
