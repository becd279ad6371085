import { type AddressInfo, createServer as createTcpServer, isIP, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TLSSocket } from 'node:tls'
import { BrokerConfigError } from './broker-error.ts'
import { Connection, type ConnectionOptions } from './connection.ts'
import { errorMessageOf } from './error-mapping.ts'
import type { SaslMechanism } from './sasl.ts'

/** TLS of a listener; PEM texts. */
export interface TlsOptions {
  readonly key: string
  readonly cert: string
  /** Signs the certificates of clients. With it, clients need one: its subject is the principal (`User:CN=alice`). */
  readonly ca?: string
}

/** One address on which the broker listens. */
export interface ListenerOptions {
  /** Default 127.0.0.1. Other than the loopback only with SASL, or TLS with `ca`. */
  readonly host?: string
  /** 0: any that is free. */
  readonly port?: number
  /** What clients are told instead, where they reach the broker by another name. */
  readonly advertisedHost?: string
  readonly advertisedPort?: number
  readonly tls?: TlsOptions
  /** Whether clients must authenticate by SASL before anything else. */
  readonly sasl?: boolean
}

/** What a listener gives to its connections. */
export interface ListenerServices
  extends Pick<ConnectionOptions, 'router' | 'memory' | 'answerMemory' | 'maxFrameBytes' | 'maxIdleMs'> {
  readonly maxUnauthenticatedFrameBytes: number
  readonly saslMechanisms: readonly SaslMechanism[]
  log(message: string): void
}

/** Accepts connections at one address. */
export class Listener {
  readonly #options: ListenerOptions
  readonly #services: ListenerServices
  readonly #server: Server
  readonly #connections = new Set<Connection>()
  #port = 0

  /** @throws BrokerConfigError for a listener that is open to strangers */
  constructor(options: ListenerOptions, services: ListenerServices) {
    this.#options = options
    this.#services = services
    const { tls } = options
    refuseStrangers(options, services)
    if (tls === undefined) {
      this.#server = createTcpServer((socket) => this.#accept(socket, 'User:ANONYMOUS'))
    } else {
      const { key, cert, ca } = tls
      const mutual = ca === undefined ? {} : { ca, requestCert: true, rejectUnauthorized: true }
      const server = createTlsServer({ key, cert, ...mutual }, (socket) => this.#accept(socket, principalOf(socket)))
      server.on('tlsClientError', (error, socket) => {
        services.log(`Connection from ${socket.remoteAddress}:${socket.remotePort} has failed in TLS: ${error.message}`)
        socket.destroy()
      })
      this.#server = server
    }
  }

  get host(): string {
    return this.#options.host ?? '127.0.0.1'
  }

  /** Once it listens. */
  get port(): number {
    return this.#port
  }

  get advertisedHost(): string {
    return this.#options.advertisedHost ?? this.host
  }

  get advertisedPort(): number {
    return this.#options.advertisedPort ?? this.#port
  }

  /** @throws BrokerConfigError when the address cannot be had */
  async listen(): Promise<void> {
    const { host } = this
    const port = this.#options.port ?? 0
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (error) => {
        reject(
          new BrokerConfigError(
            `Cannot listen on ${host}:${port}: ${errorMessageOf(error)}. Choose another port, or 0.`,
          ),
        )
      })
      this.#server.listen({ host, port, backlog: 1024 }, resolve)
    })
    this.#server.on('error', (error) => this.#services.log(`Listener ${host}:${port}: ${error.message}`))
    this.#port = (this.#server.address() as AddressInfo).port
  }

  /** Takes no more connections and closes those that are open. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    for (const connection of [...this.#connections]) connection.close()
    await closed
  }

  #accept(socket: Socket, principal: string): void {
    const { router, memory, answerMemory, maxFrameBytes, maxIdleMs, saslMechanisms, maxUnauthenticatedFrameBytes } =
      this.#services
    const connection = new Connection(socket, {
      router,
      memory,
      answerMemory,
      maxFrameBytes,
      maxIdleMs,
      maxUnauthenticatedFrameBytes,
      saslMechanisms: this.#options.sasl === true ? saslMechanisms : null,
      principal,
      host: this.advertisedHost,
      port: this.advertisedPort,
      log: (message) => this.#services.log(message),
    })
    this.#connections.add(connection)
    socket.once('close', () => this.#connections.delete(connection))
  }
}

function refuseStrangers({ host = '127.0.0.1', sasl, tls }: ListenerOptions, services: ListenerServices): void {
  if (sasl === true && services.saslMechanisms.length === 0) {
    throw new BrokerConfigError(`The listener on ${host} asks for SASL, but there are no users. Name some.`)
  }
  const isLoopback = host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
  if (isLoopback || sasl === true || tls?.ca !== undefined) return
  throw new BrokerConfigError(
    `The listener on ${host} would be open to everybody in the network. Add SASL or client certificates, or listen on 127.0.0.1.`,
  )
}

/** `User:` and the subject of the client's certificate, most specific part first; anonymous without certificate. */
function principalOf(socket: TLSSocket): string {
  const { subject } = socket.getPeerCertificate()
  if (subject === undefined) return 'User:ANONYMOUS'
  const parts = Object.entries(subject).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((one) => `${name}=${one}`),
  )
  return `User:${parts.reverse().join(',')}`
}
