import { WORKLOADS, type Workload } from './workload.ts'

/** The time of the first record of every workload: Unix ms, aligned to a minute. */
const T0 = 1_700_000_040_000

const REGIONS = [
  'eu-west-1',
  'eu-west-2',
  'eu-north-1',
  'us-east-1',
  'us-west-2',
  'ap-south-1',
  'ap-east-1',
  'sa-east-1',
] as const
const COUNTRIES = ['DE', 'FR', 'GB', 'US', 'IN', 'BR'] as const
/** Rows of W4's table, which come before its orders. */
export const W4_USERS = 100_000
const W5_RECENT = 4096

/** Takes one generated record; `key` and `value` are fresh bytes. */
export type Sink = (
  topic: string,
  partition: number,
  timestamp: number,
  key: Uint8Array | null,
  value: Uint8Array,
) => void

/** Draws unsigned 32-bit numbers: xorshift32 from a seed that is not 0. */
function xorshift32(seed: number): () => number {
  let x = seed | 0
  return () => {
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    return x >>> 0
  }
}

const pad = (value: number, digits: number): string => String(value).padStart(digits, '0')
const hex8 = (value: number): string => value.toString(16).padStart(8, '0')
const text = (value: string): Uint8Array => Buffer.from(value)

function int64(value: number): Uint8Array {
  const bytes = Buffer.alloc(8)
  bytes.writeBigInt64BE(BigInt(value))
  return bytes
}

/**
 * Generates the input of a workload for `count` records on `partitions` partitions: the same records, in the same order,
 * for every peer (the language-neutral definition's draws, in its order). W4 has its 100,000 users in front.
 */
export function generate(workload: Workload, count: number, partitions: number, sink: Sink): void {
  const next = xorshift32(WORKLOADS[workload].seed)
  switch (workload) {
    case 'W1':
      for (let i = 0; i < count; i++) order(next, i, 10_000, partitions, 'bench-w1-in', sink)
      return
    case 'W2':
      lines(next, count, partitions, sink)
      return
    case 'W3':
      amounts(next, count, partitions, sink)
      return
    case 'W4':
      users(next, partitions, sink)
      for (let i = 0; i < count; i++) order(next, i, 110_000, partitions, 'bench-w4-in', sink)
      return
    case 'W5':
      impressionsAndClicks(next, count, partitions, sink)
      return
    case 'W6':
      visits(next, count, partitions, sink)
      return
  }
}

function order(next: () => number, i: number, users: number, partitions: number, topic: string, sink: Sink): void {
  const id = `ord-${pad(i, 10)}-${hex8(next())}${hex8(next())}${hex8(next())}`
  const u = next() % users
  const amount = next() % 100_000
  const region = REGIONS[next() % 8]
  const user = `user-${pad(u, 6)}`
  sink(topic, u % partitions, T0 + i, text(user), text(JSON.stringify({ orderId: id, user, amount, region })))
}

function users(next: () => number, partitions: number, sink: Sink): void {
  for (let j = 0; j < W4_USERS; j++) {
    const name = `name-${hex8(next())}`
    const country = COUNTRIES[next() % 6]
    const tier = next() % 5
    const user = `user-${pad(j, 6)}`
    sink('bench-w4-users', j % partitions, T0 - 1, text(user), text(JSON.stringify({ user, name, country, tier })))
  }
}

function lines(next: () => number, count: number, partitions: number, sink: Sink): void {
  const cumulative = new Float64Array(10_000)
  let total = 0
  for (let j = 0; j < cumulative.length; j++) {
    total += Math.floor(400_000_000 / (j + 1))
    cumulative[j] = total
  }
  const word = (): string => {
    const drawn = next() % total
    let low = 0
    let high = cumulative.length - 1
    while (low < high) {
      const middle = (low + high) >>> 1
      if (cumulative[middle]! > drawn) high = middle
      else low = middle + 1
    }
    return `w${pad(low, 5)}`
  }
  for (let i = 0; i < count; i++) {
    const words: string[] = []
    for (let k = 0; k < 8; k++) words.push(word())
    sink('bench-w2-in', i % partitions, T0 + i, null, text(words.join(' ')))
  }
}

function amounts(next: () => number, count: number, partitions: number, sink: Sink): void {
  for (let i = 0; i < count; i++) {
    const u = next() % 10_000
    const v = next() % 1000
    const o = next() % 100
    const late = next() % 90_000
    sink('bench-w3-in', u % partitions, T0 + i - (o < 5 ? late : 0), text(`user-${pad(u, 6)}`), int64(v))
  }
}

function impressionsAndClicks(next: () => number, count: number, partitions: number, sink: Sink): void {
  const recent = new Int32Array(W5_RECENT)
  for (let i = 0; i < count; i++) {
    const isImpression = i % 2 === 0
    let k: number
    if (isImpression) {
      k = next() % 50_000
      recent[(i / 2) % W5_RECENT] = k
    } else {
      const m = next() % 2
      const s = next() % 50_000
      const p = next() % W5_RECENT
      k = m === 0 && (i - 1) / 2 >= W5_RECENT ? recent[p]! : s
    }
    const o = next() % 100
    const late = next() % 3000
    const topic = isImpression ? 'bench-w5-imp' : 'bench-w5-clk'
    const value = `${isImpression ? 'i' : 'c'}${pad(i, 8)}`
    sink(topic, k % partitions, T0 + i - (o < 2 ? late : 0), text(`ad-${pad(k, 6)}`), text(value))
  }
}

function visits(next: () => number, count: number, partitions: number, sink: Sink): void {
  for (let i = 0; i < count; i++) {
    const u = next() % 5000
    const o = next() % 100
    const late = next() % 20_000
    sink('bench-w6-in', u % partitions, T0 + i * 10 - (o < 5 ? late : 0), text(`user-${pad(u, 6)}`), text('e'))
  }
}
