import { crc32 } from 'node:zlib'

const hex8 = (value: number): string => value.toString(16).padStart(8, '0')

/**
 * Checksums of an output topic, equal for every peer that computed the same records.
 *
 * | name | lines | combined by |
 * |---|---|---|
 * | `checksum` | `key\|value` | sum and xor of CRC-32s, and the count: order-free |
 * | `checksumTs` | `key\|value\|timestamp` | the same |
 * | `checksumOrdered` | `key\|value\|timestamp` | one running CRC-32 |
 */
export class OutputChecksum {
  #count = 0
  #sum = 0
  #xor = 0
  #sumTs = 0
  #xorTs = 0
  #running = 0

  /** Adds one record; null is shown as `null`, `timestamp` is Unix ms. */
  add(key: string | null, value: string | null, timestamp: number): void {
    const head = `${key}|${value}`
    const plain = crc32(`${head}\n`)
    const line = `${head}|${timestamp}\n`
    const timed = crc32(line)
    this.#count++
    this.#sum = (this.#sum + plain) % 2 ** 32
    this.#xor = (this.#xor ^ plain) >>> 0
    this.#sumTs = (this.#sumTs + timed) % 2 ** 32
    this.#xorTs = (this.#xorTs ^ timed) >>> 0
    this.#running = crc32(line, this.#running)
  }

  /** Records added. */
  get count(): number {
    return this.#count
  }

  get checksum(): string {
    return `${hex8(this.#sum)}-${hex8(this.#xor)}-${this.#count}`
  }

  get checksumTs(): string {
    return `${hex8(this.#sumTs)}-${hex8(this.#xorTs)}-${this.#count}`
  }

  get checksumOrdered(): string {
    return hex8(this.#running)
  }
}
