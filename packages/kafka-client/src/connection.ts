import { connect as connectTcp, isIP } from 'node:net'
import type { Duplex } from 'node:stream'
import { connect as connectTls } from 'node:tls'
import {
  type Api,
  apiVersionsApi,
  ProtocolReader,
  ProtocolWriter,
  readResponseHeader,
  writeRequestHeader,
} from '@millrace/kafka-protocol/messages'
import { KafkaClientError } from './client-error.ts'
import { authenticate, type SaslOptions } from './sasl.ts'
import { connectOnThread } from './socket-thread.ts'
import { systemTime, type Time, type Timer } from './time.ts'
import type { TlsOptions } from './tls-options.ts'

/** How brokers are reached. */
export interface ConnectionOptions {
  /** Default `millrace`. */
  readonly clientId?: string
  /** Default 30 000: for the connection, and for an answer beyond the time that the request itself allows. */
  readonly requestTimeoutMs?: number
  /** TLS; `true` trusts the certificate authorities of Node. PEM texts. */
  readonly tls?: TlsOptions
  readonly sasl?: SaslOptions
  /** The sockets are on a thread of their own (`ThreadSocket`). Default false. */
  readonly onThread?: boolean
  readonly time?: Time
}

/** Options of one request. */
export interface RequestOptions {
  /** At most this version; the highest that both sides speak is used. */
  readonly maxVersion?: number
  /** Added to the time-out: the broker itself may wait so long before it answers. */
  readonly waitMs?: number
}

interface PendingRequest {
  readonly api: Api
  readonly version: number
  readonly timer: Timer
  resolve(response: unknown): void
  reject(error: Error): void
}

/** One connection to one broker. Requests are answered in order; several may be under way. */
export class Connection {
  readonly address: string
  /** What the connection runs over. */
  readonly socket: Duplex
  readonly #clientId: string
  readonly #timeoutMs: number
  readonly #time: Time
  readonly #pending = new Map<number, PendingRequest>()
  readonly #versions = new Map<number, { readonly minVersion: number; readonly maxVersion: number }>()
  readonly #features = new Map<string, number>()
  #nextCorrelationId = 0
  #received: Uint8Array[] = []
  #receivedBytes = 0
  #closedBy: Error | undefined
  #expiresAtMs = Number.POSITIVE_INFINITY

  private constructor(socket: Duplex, address: string, options: ConnectionOptions) {
    this.address = address
    this.socket = socket
    this.#clientId = options.clientId ?? 'millrace'
    this.#timeoutMs = options.requestTimeoutMs ?? 30_000
    this.#time = options.time ?? systemTime
    socket.on('data', (chunk) => this.#receive(chunk))
    socket.on('error', (error) => this.#fail(this.#disconnected(error.message)))
    socket.on('close', () => this.#fail(this.#disconnected('the broker closed the connection')))
  }

  /** Connects, learns the broker's versions and authenticates. @throws KafkaClientError */
  static async open(host: string, port: number, options: ConnectionOptions = {}): Promise<Connection> {
    const address = `${host}:${port}`
    const connection = new Connection(await connectSocket(host, port, options), address, options)
    try {
      await connection.#learnVersions()
      if (options.sasl !== undefined) connection.#expireAfter(await authenticate(connection, options.sasl))
    } catch (error) {
      connection.close()
      throw error
    }
    return connection
  }

  /** Whether new requests may go out. A connection whose authentication is about to expire ends when all is answered. */
  get isOpen(): boolean {
    return this.#closedBy === undefined && this.#time.now() < this.#expiresAtMs
  }

  /** The version of the API that both sides speak; undefined when there is none. */
  versionOf(api: Pick<Api, 'key' | 'minVersion' | 'maxVersion'>, maxVersion = api.maxVersion): number | undefined {
    const served = this.#versions.get(api.key)
    if (served === undefined) return undefined
    const version = Math.min(maxVersion, api.maxVersion, served.maxVersion)
    return version >= Math.max(api.minVersion, served.minVersion) ? version : undefined
  }

  /** The level of a feature of the cluster when the connection was made (`transaction.version`); 0 when it has none. */
  finalizedFeature(name: string): number {
    return this.#features.get(name) ?? 0
  }

  /** Sends a request and settles with its answer. @throws KafkaClientError CLIENT_… */
  async request<Request, Response, RequestInput, ResponseInput>(
    api: Api<Request, Response, RequestInput, ResponseInput>,
    request: RequestInput,
    options: RequestOptions = {},
  ): Promise<Response> {
    const version = this.versionOf(api, options.maxVersion)
    if (version === undefined) throw this.#unsupported(api.name)
    return this.#send(api, request, version, options.waitMs ?? 0)
  }

  /** Sends a request that is not answered. */
  requestWithoutAnswer<Request, Response, RequestInput, ResponseInput>(
    api: Api<Request, Response, RequestInput, ResponseInput>,
    request: RequestInput,
  ): void {
    const version = this.versionOf(api)
    if (this.#closedBy === undefined && version !== undefined) this.#write(api, request, version)
  }

  /** The frame of a request with correlation id 0, and the version that it is in. @throws KafkaClientError CLIENT_UNSUPPORTED */
  encode<Request, Response, RequestInput, ResponseInput>(
    api: Api<Request, Response, RequestInput, ResponseInput>,
    request: RequestInput,
    maxVersion = api.maxVersion,
  ): { readonly frame: Uint8Array; readonly version: number } {
    const version = this.versionOf(api, maxVersion)
    if (version === undefined) throw this.#unsupported(api.name)
    return { frame: Buffer.concat(this.#frame(api, request, version, 0)), version }
  }

  /** Ends when all is answered; to be called when `isOpen` is false. */
  retire(): void {
    if (this.#pending.size === 0) this.close()
  }

  close(): void {
    this.#fail(new KafkaClientError('CLIENT_CLOSED', `The connection to ${this.address} was closed.`))
  }

  /** Brokers end connections whose authentication has expired (KIP-368). */
  #expireAfter(lifetimeMs: number): void {
    if (lifetimeMs > 0) this.#expiresAtMs = this.#time.now() + lifetimeMs * 0.85
  }

  async #learnVersions(): Promise<void> {
    const hello = { clientSoftwareName: 'millrace', clientSoftwareVersion: '0.1.0' }
    let answer = await this.#send(apiVersionsApi, hello, 3, 0)
    // UNSUPPORTED_VERSION comes in the layout of version 0.
    if (answer.errorCode === 35) answer = await this.#send(apiVersionsApi, hello, 0, 0)
    for (const { apiKey, minVersion, maxVersion } of answer.apiKeys)
      this.#versions.set(apiKey, { minVersion, maxVersion })
    for (const { name, maxVersionLevel } of answer.finalizedFeatures) this.#features.set(name, maxVersionLevel)
  }

  #send<Request, Response, RequestInput, ResponseInput>(
    api: Api<Request, Response, RequestInput, ResponseInput>,
    request: RequestInput,
    version: number,
    waitMs: number,
  ): Promise<Response> {
    if (this.#closedBy !== undefined) return Promise.reject(this.#closedBy)
    return new Promise<Response>((resolve, reject) => {
      const correlationId = this.#write(api, request, version)
      const timer = this.#time.setTimer(this.#timeoutMs + waitMs, () => {
        const text = `${this.address} did not answer ${api.name} within ${this.#timeoutMs + waitMs} ms.`
        this.#fail(new KafkaClientError('CLIENT_TIMEOUT', text))
      })
      const erased = api as unknown as Api
      this.#pending.set(correlationId, {
        api: erased,
        version,
        timer,
        resolve: resolve as (response: unknown) => void,
        reject,
      })
    })
  }

  #write<Request, Response, RequestInput, ResponseInput>(
    api: Api<Request, Response, RequestInput, ResponseInput>,
    request: RequestInput,
    version: number,
  ): number {
    const correlationId = this.#nextCorrelationId
    this.#nextCorrelationId = (correlationId + 1) & 0x3fffffff
    this.socket.cork()
    for (const chunk of this.#frame(api, request, version, correlationId)) this.socket.write(chunk)
    this.socket.uncork()
    return correlationId
  }

  #frame<Request, Response, RequestInput, ResponseInput>(
    api: Api<Request, Response, RequestInput, ResponseInput>,
    request: RequestInput,
    version: number,
    correlationId: number,
  ): readonly Uint8Array[] {
    const writer = new ProtocolWriter(512)
    writer.int32(0)
    const header = { apiKey: api.key, apiVersion: version, correlationId, clientId: this.#clientId }
    writeRequestHeader(writer, api as unknown as Api, header)
    api.request.write(writer, request, version)
    const size = writer.size - 4
    const chunks = writer.finish()
    const first = chunks[0]!
    new DataView(first.buffer, first.byteOffset, 4).setInt32(0, size)
    return chunks
  }

  #receive(chunk: Uint8Array): void {
    this.#received.push(chunk)
    this.#receivedBytes += chunk.byteLength
    try {
      for (let frame = this.#nextFrame(); frame !== null; frame = this.#nextFrame()) this.#answer(frame)
    } catch (error) {
      this.#fail(this.#disconnected(error instanceof Error ? error.message : String(error)))
    }
  }

  #nextFrame(): Uint8Array | null {
    if (this.#receivedBytes < 4) return null
    if (this.#received[0]!.byteLength < 4) this.#received = [Buffer.concat(this.#received)]
    const first = this.#received[0]!
    const size = new DataView(first.buffer, first.byteOffset, 4).getInt32(0)
    if (size < 0) throw new KafkaClientError('CLIENT_DISCONNECTED', `a frame of ${size} bytes was announced`)
    const end = size + 4
    if (this.#receivedBytes < end) return null
    const whole = first.byteLength >= end ? first : Buffer.concat(this.#received)
    if (whole !== first) this.#received = [whole]
    if (whole.byteLength === end) this.#received.shift()
    else this.#received[0] = whole.subarray(end)
    this.#receivedBytes -= end
    return whole.subarray(4, end)
  }

  #answer(frame: Uint8Array): void {
    const correlationId = new DataView(frame.buffer, frame.byteOffset, 4).getInt32(0)
    const pending = this.#pending.get(correlationId)
    if (pending === undefined) throw new Error(`an answer to request ${correlationId}, which was not sent`)
    this.#pending.delete(correlationId)
    pending.timer.cancel()
    const reader = new ProtocolReader(frame, { maxElements: 10_000_000 })
    try {
      readResponseHeader(reader, pending.api, pending.version)
      pending.resolve(pending.api.response.read(reader, responseVersion(pending, frame)))
    } catch (error) {
      pending.reject(error instanceof Error ? error : new Error(String(error)))
      throw error
    }
    if (!this.isOpen) this.retire()
  }

  #unsupported(apiName: string): KafkaClientError {
    const text = `${this.address} does not serve ${apiName} in a version known here. Use a newer broker.`
    return new KafkaClientError('CLIENT_UNSUPPORTED', text)
  }

  #disconnected(reason: string): KafkaClientError {
    return new KafkaClientError('CLIENT_DISCONNECTED', `The connection to ${this.address} is lost: ${reason}.`)
  }

  #fail(error: Error): void {
    if (this.#closedBy !== undefined) return
    this.#closedBy = error
    this.socket.destroy()
    for (const pending of this.#pending.values()) {
      pending.timer.cancel()
      pending.reject(error)
    }
    this.#pending.clear()
  }
}

/** A broker that does not know the version of ApiVersions answers in that of 0. */
function responseVersion({ api, version }: PendingRequest, frame: Uint8Array): number {
  if (api.key !== apiVersionsApi.key) return version
  const errorCode = new DataView(frame.buffer, frame.byteOffset).getInt16(4)
  return errorCode === 35 ? 0 : version
}

function connectSocket(host: string, port: number, options: ConnectionOptions): Promise<Duplex> {
  const { requestTimeoutMs = 30_000, time = systemTime } = options
  return new Promise((resolve, reject) => {
    const socket = newSocket(host, port, options)
    const onConnect = (): void => {
      timer.cancel()
      socket.off('error', onError)
      resolve(socket)
    }
    const onError = (error: Error): void => {
      timer.cancel()
      reject(
        new KafkaClientError(
          'CLIENT_DISCONNECTED',
          `Cannot connect to ${host}:${port}: ${error.message}. Is a broker there?`,
        ),
      )
    }
    const timer = time.setTimer(requestTimeoutMs, () => {
      socket.destroy()
      reject(
        new KafkaClientError(
          'CLIENT_TIMEOUT',
          `Cannot connect to ${host}:${port} within ${requestTimeoutMs} ms. Is a broker there?`,
        ),
      )
    })
    socket.once('error', onError)
    socket.once(isSecure(options) && options.onThread !== true ? 'secureConnect' : 'connect', onConnect)
  })
}

function newSocket(host: string, port: number, { tls = false, onThread = false }: ConnectionOptions): Duplex {
  if (onThread) return connectOnThread(host, port, tls)
  const socket =
    tls === false
      ? connectTcp({ host, port })
      : connectTls({ host, port, ...(isIP(host) === 0 ? { servername: host } : {}), ...(tls === true ? {} : tls) })
  return socket.setNoDelay(true)
}

function isSecure({ tls = false }: ConnectionOptions): boolean {
  return tls !== false
}
