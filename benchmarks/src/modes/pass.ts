import type { Workload } from '../workloads/workload.ts'

/** One measured pass over one workload. */
export interface Pass {
  readonly workload: Workload
  readonly mode: 'driver' | 'standalone'
  readonly records: number
  /** Of feeding and processing alone: generating, loading and reading back do not count. */
  readonly seconds: number
  readonly recordsPerSec: number
  readonly checksum: string
  readonly checksumTs: string
  /** In the test driver only: there is one order. */
  readonly checksumOrdered?: string
  readonly cpuSeconds: number
  readonly rssMb: number
  readonly settings: { readonly [name: string]: string | number }
}
