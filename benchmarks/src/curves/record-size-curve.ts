import type { Curve } from './curve.ts'
import { copyCost } from './pass-through.ts'

const TOTAL_BYTES = 100_000_000
const MOST_RECORDS = 200_000

/** Values of so many bytes. */
export const recordSizeCurve: Curve = {
  name: 'record-size',
  title: 'copying records, standalone, exactly-once, 4 partitions',
  sizes: 'bytes',
  costs: 'µs of CPU a record',
  explanation:
    'A small record costs what its handling costs; from some kilobytes on the bytes do (copies, CRC-32C, the file), and the cost is ' +
    'proportional to them.',
  async *points() {
    await copyCost(20_000, 100, 4)
    for (const size of [100, 1000, 10_000, 100_000, 500_000]) {
      const records = Math.min(MOST_RECORDS, Math.round(TOTAL_BYTES / size))
      yield { size, cost: ((await copyCost(records, size, 4)).fromFirstRecord * 1e6) / records }
    }
  },
}
