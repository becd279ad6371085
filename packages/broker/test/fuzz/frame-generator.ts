import { type Api, apis } from '@millrace/kafka-protocol/messages'
import { encodeRequest } from '../wire.ts'
import { sampleRequests } from './sample-requests.ts'

/** Numbers from 0 up to, not including, 1; the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/**
 * Frames with their sizes, as a client would never send them: valid requests with bytes changed, cut off, repeated or with
 * sizes that lie; requests of every API and version with random bodies; noise.
 */
export class FrameGenerator {
  readonly #random: () => number
  readonly #valid: readonly Uint8Array[]

  constructor(random: () => number) {
    this.#random = random
    this.#valid = sampleRequests.map(({ api, version, request }) => encodeRequest(api as Api, version, request))
  }

  next(): Buffer {
    const choice = this.#random()
    if (choice < 0.5) return this.#framed(this.#mutated(this.#pick(this.#valid)))
    if (choice < 0.8) return this.#framed(this.#randomRequest())
    if (choice < 0.9) return this.#framed(this.#noise(200))
    if (choice < 0.95) return this.#noise(60)
    // A size that does not fit what follows.
    const frame = this.#framed(this.#pick(this.#valid))
    frame.writeInt32BE(Math.floor((this.#random() - 0.3) * 2 ** 31) | 0)
    return frame
  }

  #pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.#random() * from.length)]!
  }

  #framed(body: Uint8Array): Buffer {
    const size = Buffer.alloc(4)
    size.writeInt32BE(body.length)
    return Buffer.concat([size, body])
  }

  #noise(maxLength: number): Buffer {
    return Buffer.from(Array.from({ length: Math.floor(this.#random() * maxLength) }, () => this.#random() * 256))
  }

  #mutated(valid: Uint8Array): Uint8Array {
    const bytes = Buffer.from(valid)
    for (let changes = 1 + Math.floor(this.#random() * 4); changes > 0; changes--) {
      const at = Math.floor(this.#random() * bytes.length)
      const choice = this.#random()
      if (choice < 0.4) bytes[at] = this.#random() * 256
      else if (choice < 0.6) bytes[at] = this.#pick([0, 1, 0x7f, 0x80, 0xff])
      else if (choice < 0.8) bytes[at] = (bytes[at] ?? 0) ^ (1 << Math.floor(this.#random() * 8))
      else if (choice < 0.9) return bytes.subarray(0, at)
      else return Buffer.concat([bytes.subarray(0, at), bytes.subarray(Math.floor(this.#random() * bytes.length))])
    }
    return bytes
  }

  #randomRequest(): Uint8Array {
    const api = this.#pick(apis)
    const version = api.minVersion + Math.floor(this.#random() * (api.maxVersion - api.minVersion + 1))
    const body = Buffer.alloc(Math.floor(this.#random() * 100))
    // Mostly small bytes: they are taken for lengths and counts, and lead deeper into the message.
    for (let i = 0; i < body.length; i++) body[i] = this.#random() < 0.7 ? this.#random() * 4 : this.#random() * 256
    const header = Buffer.alloc(version >= api.flexibleFrom ? 11 : 10)
    header.writeInt16BE(api.key)
    header.writeInt16BE(version, 2)
    return Buffer.concat([header, body])
  }
}
