import type { Workload } from '../workloads/workload.ts'

/** One measured pass over one workload. */
export interface Pass {
  readonly workload: Workload
  readonly mode: 'driver' | 'standalone' | 'cluster'
  readonly records: number
  /** From the start of the application to its first record; absent in the test driver. */
  readonly startupSeconds?: number
  /** From the first record on, of feeding and processing alone: generating, loading and reading back do not count. */
  readonly seconds: number
  readonly recordsPerSec: number
  readonly checksum: string
  readonly checksumTs: string
  /** In the test driver only: there is one order. */
  readonly checksumOrdered?: string
  /** CPU time of this process in `seconds`. */
  readonly cpuSeconds: number
  /** Peak resident memory of this process so far. */
  readonly rssMb: number
  readonly settings: { readonly [name: string]: string | number }
}
