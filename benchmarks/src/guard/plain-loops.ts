import type { PackedRecords } from '../workloads/packed-records.ts'

interface Output {
  readonly key: Uint8Array
  readonly value: Uint8Array
  readonly timestamp: number
}

/** Does a workload's work on some records by hand, without operators, stores or topics; gives how many outputs there were. */
export type PlainLoop = (input: PackedRecords, length: number) => number

/** Outputs live as long as those of the test driver between two drains. */
const OUTPUTS_KEPT = 100

class Outputs {
  count = 0
  #kept: Output[] = []

  push(output: Output): void {
    this.count += 1
    this.#kept.push(output)
    if (this.#kept.length === OUTPUTS_KEPT) this.#kept = []
  }
}

const text = (bytes: Uint8Array): string => decoder.decode(bytes)
const decoder = new TextDecoder()

function int64(value: number): Uint8Array {
  const bytes = Buffer.allocUnsafe(8)
  bytes.writeInt32BE(Math.floor(value / 0x1_0000_0000), 0)
  bytes.writeUInt32BE(value >>> 0, 4)
  return bytes
}

/** What W1, W2 and W3 cost a program that does only the work itself: the measure for the guard. */
export const PLAIN_LOOPS: { readonly [W in 'W1' | 'W2' | 'W3']: PlainLoop } = {
  W1(input, length) {
    const outputs = new Outputs()
    for (let i = 0; i < length; i++) {
      const { orderId, user, amount, region } = JSON.parse(text(input.value(i)))
      if (amount <= 25_000) continue
      const value = Buffer.from(JSON.stringify({ orderId, user, amount, tax: Math.floor(amount / 12), region }))
      outputs.push({ key: Buffer.from(text(input.key(i)!)), value, timestamp: input.timestamp(i) })
    }
    return outputs.count
  },

  W2(input, length) {
    const outputs = new Outputs()
    const counts = new Map<string, number>()
    for (let i = 0; i < length; i++) {
      for (const word of text(input.value(i)).split(' ')) {
        const count = (counts.get(word) ?? 0) + 1
        counts.set(word, count)
        outputs.push({ key: Buffer.from(word), value: int64(count), timestamp: input.timestamp(i) })
      }
    }
    return outputs.count
  },

  W3(input, length) {
    const outputs = new Outputs()
    const sums = new Map<string, number>()
    let streamTime = -1
    for (let i = 0; i < length; i++) {
      const timestamp = input.timestamp(i)
      streamTime = Math.max(streamTime, timestamp)
      const start = timestamp - (timestamp % 60_000)
      if (start + 70_000 <= streamTime) continue
      const key = `${text(input.key(i)!)}@${start}`
      const value = input.value(i)
      const sum = (sums.get(key) ?? 0) + Buffer.from(value.buffer, value.byteOffset, 8).readUInt32BE(4)
      sums.set(key, sum)
      outputs.push({ key: Buffer.from(key), value: int64(sum), timestamp })
    }
    return outputs.count
  },
}
