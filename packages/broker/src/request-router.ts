import { errorCodes, ProtocolError } from '@millrace/kafka-protocol'
import {
  ProtocolReader,
  ProtocolWriter,
  type RequestHeader,
  readRequestHeader,
  skipHeaderTags,
  writeResponseHeader,
} from '@millrace/kafka-protocol/messages'
import type { Control, Fault } from './control.ts'
import { errorMessageOf, knownErrorName } from './error-mapping.ts'
import { frameOf } from './frame.ts'
import type { Handler } from './handler.ts'
import { unsupportedApiVersions } from './handlers/18-api-versions.ts'
import { type BrokerState, type ClientConnection, RequestContext } from './request-context.ts'

/** An encoded answer in chunks; `none` when the request wants no answer; `close` when the connection must end. */
export type Answer = Uint8Array[] | 'none' | 'close'

/** SaslHandshake, ApiVersions, SaslAuthenticate. */
const apisBeforeAuthentication: ReadonlySet<number> = new Set([17, 18, 36])

/** Decodes requests, gives them to their handlers and encodes the answers. */
export class RequestRouter {
  readonly #handlers: ReadonlyMap<number, Handler>
  readonly #broker: BrokerState
  readonly #control: Control

  constructor(handlers: readonly Handler[], broker: BrokerState, control: Control) {
    this.#handlers = new Map(handlers.map((handler) => [handler.api.key, handler]))
    this.#broker = broker
    this.#control = control
  }

  /** Answers one frame, at once where possible. Never throws and never rejects. */
  route(frame: Uint8Array, connection: ClientConnection): Answer | Promise<Answer> {
    try {
      if (connection.authentication.expectsBareToken) return bareAnswer(connection.authentication.step(frame))
      return this.#route(frame, connection)
    } catch (error) {
      return this.#closeFor(error, connection)
    }
  }

  #route(frame: Uint8Array, connection: ClientConnection): Answer | Promise<Answer> {
    const reader = new ProtocolReader(frame)
    const header = readRequestHeader(reader)
    const handler = this.#handlers.get(header.apiKey)
    if (handler === undefined) {
      throw new ProtocolError('UNSUPPORTED_VERSION', `Request for API ${header.apiKey}, which is not served.`)
    }
    const { api, minVersion, maxVersion } = handler
    const version = header.apiVersion
    if (version < minVersion || version > maxVersion) {
      // A client that asks too high learns from this one answer what to ask.
      if (api.key === 18) return unsupportedApiVersions(header.correlationId)
      const text = `Request for ${api.name} version ${version}; served are ${minVersion} to ${maxVersion}.`
      throw new ProtocolError('UNSUPPORTED_VERSION', text)
    }
    if (!connection.authentication.isComplete && !apisBeforeAuthentication.has(api.key)) {
      throw new ProtocolError('ILLEGAL_SASL_STATE', `Request for ${api.name} before authentication.`)
    }
    skipHeaderTags(reader, api, version)
    const request = api.request.read(reader, version)
    const context = new RequestContext(version, header.clientId, connection, this.#broker)
    const fault = this.#control.take(api.key, request, context)
    if (fault !== undefined) return this.#befall(fault, handler, request, header, context)
    return this.#handle(handler, request, header, context)
  }

  #handle(
    handler: Handler,
    request: unknown,
    header: RequestHeader,
    context: RequestContext,
  ): Answer | Promise<Answer> {
    let answer: unknown
    try {
      answer = handler.handle(request, context)
    } catch (error) {
      return this.#refuse(error, handler, request, header, context)
    }
    if (!(answer instanceof Promise)) return encode(handler, header, answer)
    return answer.then(
      (settled) => encode(handler, header, settled),
      (error) => this.#refuse(error, handler, request, header, context),
    )
  }

  /** Answers a request that failed as a whole: with Kafka's error, and a line in the log when the fault is ours. */
  #refuse(error: unknown, handler: Handler, request: unknown, header: RequestHeader, context: RequestContext): Answer {
    const name = knownErrorName(error)
    if (name === undefined) {
      const stack = error instanceof Error ? error.stack : String(error)
      this.#broker.log(`${handler.api.name} v${header.apiVersion} failed: ${stack}`)
    }
    try {
      const answer = handler.refuse(request, errorCodes[name ?? 'UNKNOWN_SERVER_ERROR'], context)
      return answer === undefined ? this.#closeFor(error, context.connection) : encode(handler, header, answer)
    } catch (second) {
      return this.#closeFor(second, context.connection)
    }
  }

  #closeFor(error: unknown, connection: ClientConnection): 'close' {
    this.#broker.log(`Connection from ${connection.remoteAddress} is closed: ${errorMessageOf(error)}`)
    return 'close'
  }

  async #befall(
    fault: Fault,
    handler: Handler,
    request: unknown,
    header: RequestHeader,
    context: RequestContext,
  ): Promise<Answer> {
    if ('drop' in fault) return 'none'
    if ('disconnect' in fault) {
      if (fault.after === true) await this.#handle(handler, request, header, context)
      return 'close'
    }
    if ('delayMs' in fault) {
      await new Promise<void>((resolve) => this.#broker.time.setTimer(fault.delayMs, resolve))
      return this.#handle(handler, request, header, context)
    }
    if ('reply' in fault) return encode(handler, header, fault.reply(request as never, context))
    const answer = handler.refuse(request, errorCodes[fault.error], context)
    return answer === undefined ? 'close' : encode(handler, header, answer)
  }
}

/** What answers a token that came without a request around it. */
function bareAnswer(token: Uint8Array): Answer {
  const size = Buffer.alloc(4)
  size.writeInt32BE(token.length)
  return [size, token]
}

function encode(handler: Handler, header: RequestHeader, answer: unknown): Answer {
  if (answer === undefined) return 'none'
  const writer = new ProtocolWriter(512)
  writer.int32(0)
  writeResponseHeader(writer, handler.api, header.apiVersion, header.correlationId)
  handler.api.response.write(writer, answer as never, header.apiVersion)
  return frameOf(writer)
}
