/** The six workloads on which every peer is measured; README.md of this folder defines them. */
export type Workload = 'W1' | 'W2' | 'W3' | 'W4' | 'W5' | 'W6'

export interface WorkloadInfo {
  readonly title: string
  /** Seed of the generator. */
  readonly seed: number
  /** Records by default. */
  readonly count: number
  readonly inputs: readonly string[]
  readonly output: string
  /** How values of the output topic are shown in checksum lines. */
  readonly outputValue: 'text' | 'int64'
}

export const WORKLOADS: { readonly [W in Workload]: WorkloadInfo } = {
  W1: {
    title: 'stateless: parse, filter, map, serialise',
    seed: 101,
    count: 1_000_000,
    inputs: ['bench-w1-in'],
    output: 'bench-w1-out',
    outputValue: 'text',
  },
  W2: {
    title: 'word count over a repartition topic',
    seed: 202,
    count: 200_000,
    inputs: ['bench-w2-in'],
    output: 'bench-w2-out',
    outputValue: 'int64',
  },
  W3: {
    title: 'sum in tumbling windows',
    seed: 303,
    count: 1_000_000,
    inputs: ['bench-w3-in'],
    output: 'bench-w3-out',
    outputValue: 'int64',
  },
  W4: {
    title: 'stream-table join',
    seed: 404,
    count: 500_000,
    inputs: ['bench-w4-users', 'bench-w4-in'],
    output: 'bench-w4-out',
    outputValue: 'text',
  },
  W5: {
    title: 'stream-stream join',
    seed: 505,
    count: 200_000,
    inputs: ['bench-w5-imp', 'bench-w5-clk'],
    output: 'bench-w5-out',
    outputValue: 'text',
  },
  W6: {
    title: 'count in sessions',
    seed: 606,
    count: 200_000,
    inputs: ['bench-w6-in'],
    output: 'bench-w6-out',
    outputValue: 'int64',
  },
}

/** The workload of that name. @throws RangeError naming the ones that exist. */
export function workloadNamed(name: string): Workload {
  if (Object.hasOwn(WORKLOADS, name)) return name as Workload
  throw new RangeError(`Unknown workload '${name}': give one of ${Object.keys(WORKLOADS).join(', ')}.`)
}
