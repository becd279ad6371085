import { connect, type Socket } from 'node:net'
import {
  type Api,
  apiByKey,
  ProtocolReader,
  ProtocolWriter,
  readResponseHeader,
  writeRequestHeader,
} from '@millrace/kafka-protocol/messages'

/** A socket that speaks frames, for what a client library would not send. */
export class Wire {
  readonly socket: Socket
  #received = Buffer.alloc(0)
  #waiting: (() => void) | undefined
  isClosed = false

  private constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', (chunk) => {
      this.#received = Buffer.concat([this.#received, chunk])
      this.#waiting?.()
    })
    socket.on('error', () => undefined)
    socket.on('close', () => {
      this.isClosed = true
      this.#waiting?.()
    })
  }

  static open({ host, port }: { readonly host: string; readonly port: number }): Promise<Wire> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host, port }, () => resolve(new Wire(socket)))
      socket.once('error', reject)
    })
  }

  write(bytes: Uint8Array): void {
    this.socket.write(bytes)
  }

  writeFrame(frame: Uint8Array): void {
    const size = Buffer.alloc(4)
    size.writeInt32BE(frame.length)
    this.write(Buffer.concat([size, frame]))
  }

  /** The next answer; undefined when the connection closes instead. */
  async frame(): Promise<Buffer | undefined> {
    for (;;) {
      if (this.#received.length >= 4 && this.#received.length >= 4 + this.#received.readInt32BE(0)) {
        const end = 4 + this.#received.readInt32BE(0)
        const frame = this.#received.subarray(4, end)
        this.#received = this.#received.subarray(end)
        return frame
      }
      if (this.isClosed) return undefined
      await new Promise<void>((resolve) => {
        this.#waiting = resolve
      })
    }
  }

  request(key: number, version: number, request: unknown, correlationId = 1): void {
    this.writeFrame(encodeRequest(apiByKey(key)!, version, request, correlationId))
  }

  /** The next answer, decoded as one to this API and version. */
  async answer(key: number, version: number): Promise<{ correlationId: number; response: Record<string, unknown> }> {
    const frame = await this.frame()
    if (frame === undefined) throw new Error('the connection was closed')
    const api = apiByKey(key)!
    const reader = new ProtocolReader(frame)
    const correlationId = readResponseHeader(reader, api, version)
    return { correlationId, response: api.response.read(reader, version) as Record<string, unknown> }
  }

  close(): void {
    this.socket.destroy()
  }
}

/** A request without its size. */
export function encodeRequest(api: Api, version: number, request: unknown, correlationId = 1): Uint8Array {
  const writer = new ProtocolWriter()
  writeRequestHeader(writer, api, { apiKey: api.key, apiVersion: version, correlationId, clientId: 'test' })
  api.request.write(writer, request as never, version)
  return writer.finishWhole()
}
