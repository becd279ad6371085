import expected from '../workloads/expected.json' with { type: 'json' }
import type { Workload } from '../workloads/workload.ts'
import type { Pass } from './pass.ts'

/** The checksums that Java's Kafka Streams gave; a field is absent where it depends on how tasks interleave. */
export interface ExpectedChecksums {
  readonly checksum: string
  readonly checksumTs?: string
  readonly checksumOrdered?: string
}

/** What Java computed for that many records on that many partitions; undefined when that was not recorded. */
export function expectedChecksums(
  workload: Workload,
  count: number,
  partitions: number,
): ExpectedChecksums | undefined {
  const bySize: { readonly [count: string]: { readonly [partitions: string]: ExpectedChecksums } } = expected[workload]
  return bySize[String(count)]?.[`P${partitions}`]
}

/** Equal in every checksum that was recorded. */
export function agree(java: ExpectedChecksums, pass: Pass): boolean {
  return (
    java.checksum === pass.checksum &&
    (java.checksumTs ?? pass.checksumTs) === pass.checksumTs &&
    (java.checksumOrdered ?? pass.checksumOrdered) === pass.checksumOrdered
  )
}
