import { ProtocolError } from '@millrace/kafka-protocol'

/**
 * Cuts a stream of bytes into frames: `| int32 size | size bytes |`. Memory follows the bytes that have arrived, not
 * the size that was announced. A frame that lies within one chunk is a view of it.
 */
export class FrameReader {
  readonly #maxFrameBytes: () => number
  #chunks: Uint8Array[] = []
  #bufferedBytes = 0
  /** Of the frame that is arriving; -1 until its four bytes of size are there. */
  #frameBytes = -1

  constructor(maxFrameBytes: () => number) {
    this.#maxFrameBytes = maxFrameBytes
  }

  /** Bytes that have arrived and were not returned as frames. */
  get bufferedBytes(): number {
    return this.#bufferedBytes
  }

  push(chunk: Uint8Array): void {
    if (chunk.byteLength === 0) return
    this.#chunks.push(chunk)
    this.#bufferedBytes += chunk.byteLength
  }

  /** The next whole frame, without its size; null until more bytes come. @throws ProtocolError for a size out of bounds */
  next(): Uint8Array | null {
    if (this.#frameBytes < 0) {
      const size = this.#take(4)
      if (size === null) return null
      this.#frameBytes = new DataView(size.buffer, size.byteOffset, 4).getInt32(0)
      const maximum = this.#maxFrameBytes()
      if (this.#frameBytes < 0 || this.#frameBytes > maximum) {
        const text = `A frame of ${this.#frameBytes} bytes was announced; at most ${maximum} are taken.`
        throw new ProtocolError('INVALID_REQUEST', text)
      }
    }
    const frame = this.#take(this.#frameBytes)
    if (frame !== null) this.#frameBytes = -1
    return frame
  }

  #take(length: number): Uint8Array | null {
    if (this.#bufferedBytes < length) return null
    const first = this.#chunks[0] ?? new Uint8Array(0)
    // A frame over several chunks arrives whole before it is copied, so that each byte is copied once.
    const whole = first.byteLength >= length ? first : Buffer.concat(this.#chunks)
    if (whole !== first) this.#chunks = [whole]
    if (whole.byteLength === length) this.#chunks.shift()
    else if (this.#chunks.length > 0) this.#chunks[0] = whole.subarray(length)
    this.#bufferedBytes -= length
    return whole.subarray(0, length)
  }
}
