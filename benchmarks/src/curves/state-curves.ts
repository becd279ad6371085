import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { keyValueStore, levelEngine, memoryEngine, type StateEngine } from '@millrace/state-stores'
import { Serdes } from 'millrace'
import { cpuSecondsSince } from '../modes/process-usage.ts'
import type { Curve } from './curve.ts'
import type { Point } from './growth.ts'

const OPERATIONS = 200_000
const RECORDS_PER_COMMIT = 10_000
const strings = Serdes.string()
const int64 = Serdes.int64()

function stateCurve(
  name: string,
  open: (directory: string) => Promise<StateEngine>,
  sizes: readonly number[],
  explanation: string,
): Curve {
  return {
    name,
    title: `read-modify-write of a random key of a key-value store, ${name.slice('state-'.length)}`,
    sizes: 'keys',
    costs: 'µs of CPU an operation',
    explanation,
    async *points() {
      for (const size of sizes) yield await measure(open, size)
    },
  }
}

export const memoryStateCurve = stateCurve(
  'state-memory',
  async () => memoryEngine(),
  [10_000, 100_000, 1_000_000, 10_000_000],
  "A hash table costs the same at any size, as long as it is in the processor's caches: the bend is where it leaves them. It lies " +
    'outside of the heap, so that the collector has no more to mark.',
)

export const levelStateCurve = stateCurve(
  'state-level',
  (directory) => levelEngine(join(directory, 'task')),
  [10_000, 100_000, 1_000_000, 10_000_000],
  'Up to the size of the read cache the store costs what one in memory costs. Beyond it a read goes to LevelDB, whose cost ' +
    'grows with the logarithm of the size; the bend is where the cache ends, and compaction adds to it.',
)

async function measure(open: (directory: string) => Promise<StateEngine>, size: number): Promise<Point> {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-bench-'))
  try {
    const engine = await open(directory)
    const store = keyValueStore('store')
    store.init({ engine, onExpiredRecord() {} })
    let offset = 0
    let last: Promise<void> = Promise.resolve()
    const written = async (): Promise<void> => {
      if (++offset % RECORDS_PER_COMMIT !== 0) return
      await last
      const position = { offset, topicId: 'AAAAAAAAAAAAAAAAAAAAAA', leaderEpoch: 0, timestamp: 0 }
      last = engine.commit({ changelogOffsets: new Map([['store', position]]), inputOffsets: new Map() })
    }
    for (let i = 0; i < size; i++) {
      store.put(keyOf(i), int64.serialize('topic', 0)!)
      if ((i + 1) % RECORDS_PER_COMMIT === 0) {
        offset = i
        await written()
      }
    }
    await last
    const cpu = process.cpuUsage()
    let x = 1
    for (let i = 0; i < OPERATIONS; i++) {
      x = (Math.imul(x, 1_664_525) + 1_013_904_223) >>> 0
      const key = keyOf(x % size)
      const count = int64.deserialize('topic', store.get(key))!
      store.put(key, int64.serialize('topic', count + 1)!)
      if ((i + 1) % RECORDS_PER_COMMIT === 0) {
        offset = size + i
        await written()
      }
    }
    await last
    const cost = (cpuSecondsSince(cpu) * 1e6) / OPERATIONS
    await engine.close()
    return { size, cost }
  } finally {
    rmSync(directory, { recursive: true })
  }
}

function keyOf(number: number): Uint8Array {
  return strings.serialize('topic', `key-${String(number).padStart(8, '0')}`)!
}
