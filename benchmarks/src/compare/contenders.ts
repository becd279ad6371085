import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Workload } from '../workloads/workload.ts'

/** One program with its arguments; it prints a JSON line for each pass, of which the last one counts. */
export interface Contender {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  readonly env?: Readonly<{ [name: string]: string }>
  /** Its broker works for it, and is counted. */
  readonly usesBroker: boolean
  /** Why it cannot run here. */
  readonly missing?: string
}

/** Programs that do the same work; ratios are those of the first to each other one. */
export interface Match {
  readonly title: string
  readonly workload: Workload
  readonly records: number
  readonly contenders: readonly [Contender, ...Contender[]]
}

/** Where peers and their broker are. */
export interface Surroundings {
  /** The folder with the `run-…` programs; undefined: there is none. */
  readonly peers: string | undefined
  /** Undefined: no broker can be started. */
  readonly bootstrap: string | undefined
}

/** What `compare` can compare. */
export const COMPARISONS = ['driver', 'batch', 'standalone', 'standalone-2', 'cluster', 'others'] as const
export type Comparison = (typeof COMPARISONS)[number]

type Count = (workload: Workload, byDefault: number) => number

/** The matches of one comparison. */
export function matchesOf(
  comparison: Comparison,
  workloads: readonly Workload[] | undefined,
  count: Count,
  where: Surroundings,
): Match[] {
  const chosen = (possible: readonly Workload[]): readonly Workload[] =>
    workloads === undefined ? possible : possible.filter((workload) => workloads.includes(workload))
  const make = contendersIn(where)
  switch (comparison) {
    case 'driver':
      return chosen(['W1', 'W2', 'W3', 'W4', 'W5', 'W6']).map((workload) => {
        const slow = workload === 'W5' || workload === 'W6'
        const records = count(workload, slow ? 20_000 : 100_000)
        const java = make.java(['--batch', '0', '--repeat', slow ? '1' : '2', '--warmup', slow ? '1' : '2'], 'memory')
        return {
          title: 'test driver : TopologyTestDriver',
          workload,
          records,
          contenders: [make.driver(workload, records), java(workload, records)],
        }
      })
    case 'batch':
      return chosen(['W1', 'W2', 'W3', 'W4', 'W5', 'W6']).map((workload) => {
        const records = count(workload, BATCH_COUNTS[workload])
        // Java's in-memory window and session stores take minutes for W5 and W6.
        const store = workload === 'W5' || workload === 'W6' ? 'rocksdb' : 'memory'
        const java = make.java(['--batch', '1000', '--repeat', '3'], store)
        return {
          title: `test driver : Java in batches of 1000, ${store}`,
          workload,
          records,
          contenders: [make.driver(workload, records), java(workload, records)],
        }
      })
    case 'standalone':
    case 'standalone-2':
    case 'cluster':
      return chosen(['W1', 'W2', 'W3', 'W4']).map((workload) => {
        const threads = comparison === 'standalone-2' ? 2 : 1
        const mode = comparison === 'cluster' ? 'cluster' : 'standalone'
        const records = count(workload, BATCH_COUNTS[workload])
        return {
          title: `${mode} : Java Streams with a broker, exactly once, ${threads} ${threads === 1 ? 'thread' : 'threads'}`,
          workload,
          records,
          contenders: [
            make.millrace(mode, workload, records, threads),
            make.peer('Java Kafka Streams', 'run-java-streams', workload, records, [
              '--eos',
              '--threads',
              String(threads),
              '--repeat',
              '2',
            ]),
          ],
        }
      })
    case 'others':
      return chosen(['W1', 'W2', 'W3']).map((workload) => {
        const records = count(workload, OTHERS_COUNTS[workload]!)
        const peers = [
          make.peer('nodefluent kafka-streams', 'run-nodefluent', workload, records, []),
          make.peer('kafkajs by hand', 'run-node-kafkajs', workload, records, []),
        ]
        const quix = make.peer('quixstreams', 'run-py-quix', workload, records, ['--repeat', '1'])
        return {
          title: 'cluster, at least once : others',
          workload,
          records,
          contenders: [
            make.millrace('cluster', workload, records, 1, 'at_least_once'),
            ...(workload === 'W3' ? [] : peers),
            quix,
          ],
        }
      })
  }
}

const BATCH_COUNTS: { readonly [W in Workload]: number } = {
  W1: 1_000_000,
  W2: 200_000,
  W3: 1_000_000,
  W4: 500_000,
  W5: 200_000,
  W6: 200_000,
}

const OTHERS_COUNTS: { readonly [workload: string]: number } = { W1: 200_000, W2: 20_000, W3: 50_000 }

function contendersIn({ peers, bootstrap }: Surroundings) {
  const benchmark = (args: readonly string[], usesBroker: boolean, missing?: string): Contender => ({
    name: 'Millrace',
    command: process.execPath,
    args: [process.argv[1]!, ...args, '--json'],
    usesBroker,
    ...(missing === undefined ? {} : { missing }),
  })
  const noBroker = bootstrap === undefined ? 'no broker: give --bootstrap, or --peers with its broker' : undefined
  const script = (
    name: string,
    file: string,
    args: readonly string[],
    usesBroker: boolean,
    missing?: string,
  ): Contender => {
    const command = peers === undefined ? file : join(peers, file)
    const why =
      peers === undefined || !existsSync(command) ? `no ${file}: give --peers, the folder of the peers` : missing
    const env = bootstrap === undefined ? {} : { BOOTSTRAP: bootstrap }
    return { name, command, args, usesBroker, env, ...(why === undefined ? {} : { missing: why }) }
  }
  return {
    driver: (workload: Workload, records: number) =>
      benchmark(['driver', workload, '--n', String(records), '--repeat', '2'], false),
    java: (args: readonly string[], store: string) => (workload: Workload, records: number) =>
      script('Java', 'run-java-ttd', [workload, '--n', String(records), '--store', store, ...args], false),
    millrace: (
      mode: 'standalone' | 'cluster',
      workload: Workload,
      records: number,
      threads: number,
      guarantee = 'exactly_once_v2',
    ) => {
      const isCluster = mode === 'cluster'
      const args = [mode, workload, '--n', String(records), '--repeat', '2', '--threads', String(threads)]
      args.push('--guarantee', guarantee, ...(isCluster ? ['--bootstrap', bootstrap ?? ''] : []))
      return benchmark(args, isCluster, isCluster ? noBroker : undefined)
    },
    peer: (name: string, file: string, workload: Workload, records: number, args: readonly string[]) =>
      script(name, file, [workload, '--n', String(records), ...args], true, noBroker),
  }
}
