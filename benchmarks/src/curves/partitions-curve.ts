import type { Curve } from './curve.ts'
import { copyCost } from './pass-through.ts'

const RECORDS = 200_000

/** So many partitions, a task for each. */
export const partitionsCurve: Curve = {
  name: 'partitions',
  title: `copying ${RECORDS.toLocaleString('en')} records of 100 bytes, standalone, exactly-once, start included`,
  sizes: 'partitions',
  costs: 'µs of CPU a record',
  explanation:
    'Up to some tens of partitions a record costs the same. Then what each task costs at its start and each partition in a transaction ' +
    '(a batch, a mark and an offset for every commit) comes to more than the records do.',
  async *points() {
    await copyCost(RECORDS / 10, 100, 4)
    for (const size of [1, 10, 100, 1000]) {
      yield { size, cost: ((await copyCost(RECORDS, 100, size)).fromStart * 1e6) / RECORDS }
    }
  },
}
