import { parseArgs } from 'node:util'
import { writeChart } from './chart/write-chart.ts'
import { measureCodecs } from './codecs/measure-codecs.ts'
import { compare, comparisonsAmong } from './compare/compare.ts'
import { measureCurves } from './curves/measure-curves.ts'
import { guard } from './guard/guard.ts'
import { measureHandOver } from './hand-over/measure-hand-over.ts'
import { measureIdle } from './idle/measure-idle.ts'
import { measureLatency } from './latency/measure-latency.ts'
import { measureLog } from './log/measure-log.ts'
import { measureMetrics } from './metrics/measure-metrics.ts'
import { type ApplicationSettings, DEFAULT_SETTINGS } from './modes/application-pass.ts'
import { PARTITIONS } from './modes/bench-topics.ts'
import { loadCluster, runCluster } from './modes/cluster.ts'
import { runDriver } from './modes/driver.ts'
import { agree, type ExpectedChecksums, expectedChecksums } from './modes/expected.ts'
import { measureOperators } from './modes/operators.ts'
import type { Pass } from './modes/pass.ts'
import { runStandalone } from './modes/standalone.ts'
import { measureRestore } from './restore/measure-restore.ts'
import { measureSerdes } from './serdes/measure-serdes.ts'
import { measureStores } from './stores/measure-stores.ts'
import { WORKLOADS, type Workload, workloadNamed } from './workloads/workload.ts'

const DEFAULT_COUNTS = Object.entries(WORKLOADS).map(([name, { count }]) => `${name} ${count}`)

const HELP = `Measures Millrace on the workloads W1 to W6, or a part of it alone.

  npm run bench -- driver [WORKLOAD...] [--n RECORDS] [--repeat PASSES] [--json]
  npm run bench -- standalone [WORKLOAD...] [--n RECORDS] [--repeat PASSES] [--guarantee G] [--store S] [--threads N] [--json]
  npm run bench -- cluster [WORKLOAD...] --bootstrap HOST:PORT [as standalone]
  npm run bench -- load WORKLOAD... --bootstrap HOST:PORT [--n RECORDS]
  npm run bench -- compare [driver | batch | standalone | standalone-2 | cluster | others ...] [WORKLOAD...]
                   [--peers DIR] [--bootstrap HOST:PORT] [--rounds ROUNDS] [--n RECORDS] [--out FILE]
  npm run bench -- chart [RESULTS [CHART]]
  npm run bench -- guard
  npm run bench -- latency
  npm run bench -- idle
  npm run bench -- curves [NAME...]
  npm run bench -- codecs
  npm run bench -- operators [--n RECORDS]
  npm run bench -- metrics [WORKLOAD...] [--n RECORDS] [--rounds ROUNDS]
  npm run bench -- serdes [--n RECORDS]
  npm run bench -- stores [memory | level]
  npm run bench -- restore [--n KEYS] [--rounds ROUNDS] [--peers DIR]
  npm run bench -- hand-over [--n KEYS] [--rounds ROUNDS] [--bootstrap HOST:PORT]
  npm run bench -- log [append | opening | compaction]

  driver      in the test driver, in process: the operators and stores, without a log
  standalone  over the bundled log on disk, ${PARTITIONS} partitions, with changelogs; commits every ${DEFAULT_SETTINGS.commitIntervalMs} ms
  cluster     over any Kafka: inputs that are there are used again; what the application writes stays
  load        makes the inputs on a cluster (mode cluster does it itself)
  compare     beside the peers that are installed (default: ../shared/peers), in turn, with ratios and their spread; a broker is
              started by the peers unless an address is given
  chart       draws what compare has written with --out (default: benchmarks/results/compare.jsonl) as an SVG
  guard       the test driver against plain loops that do the same work; fails when it has become much slower
  latency     from produce to committed output, standalone, at shares of the highest rate
  idle        start-up, and memory and CPU of an application that has nothing to do
  curves      how cost grows with the size of state, partitions, topology, records, windows and workers
  codecs      serdes, record batches, checksums
  operators   what a chain of five stateless operators costs a record
  metrics     what metrics at each level and traces cost a record
  serdes      Avro and zod beside bare avsc and a bare parse
  stores      the state stores alone
  restore     a table from its changelog: into memory, into LevelDB, with a snapshot, and its tail after a crash; beside Java's
              where the peers are given
  hand-over   how long a task gives no results when it moves to the instance with its standby copy
  log         the log alone: appends and fetches beside raw writes and reads, opening, compaction

  --n         records; default: ${DEFAULT_COUNTS.join(', ')}
  --repeat    measured passes after the warm-up; default 1
  --guarantee exactly_once_v2 (default) or at_least_once
  --store     persistent (default) or in-memory
  --threads   stream threads; default 1
  --bootstrap an address of the cluster
  --rounds    of a comparison; default 3, of metrics 40
  --out       a file to which the figures of a comparison are appended, a JSON line for each pair
  --json      one JSON line for each pass

The checksum of each pass is compared with Java's where that was recorded. Exit code 1: one differed; 2: wrong usage.
`

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      n: { type: 'string' },
      repeat: { type: 'string', default: '1' },
      guarantee: { type: 'string', default: DEFAULT_SETTINGS.guarantee },
      store: { type: 'string', default: DEFAULT_SETTINGS.store },
      threads: { type: 'string', default: String(DEFAULT_SETTINGS.threads) },
      bootstrap: { type: 'string' },
      peers: { type: 'string' },
      rounds: { type: 'string' },
      out: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  const [mode, ...names] = positionals
  if (values.help || mode === undefined) {
    process.stdout.write(HELP)
    return values.help ? 0 : 2
  }
  if (mode === 'operators') {
    const cost = measureOperators(wholeNumber('--n', values.n ?? '300000'))
    process.stdout.write(
      `operators: ${cost.microsecondsPerRecord.toFixed(3)} µs a record for ${cost.operators} operators, median over ${cost.records} records a pass\n`,
    )
    return 0
  }
  if (mode === 'serdes') {
    for (const cost of measureSerdes(wholeNumber('--n', values.n ?? '20000'))) {
      const [least, most] = cost.spread
      process.stdout.write(
        `${cost.name}: ${cost.serde.toFixed(2)} µs, bare ${cost.bare.toFixed(2)} µs, ${cost.ratio.toFixed(2)}x (${least.toFixed(2)}–${most.toFixed(2)})\n`,
      )
    }
    return 0
  }
  if (mode === 'metrics') {
    const workloads: readonly Workload[] = names.length > 0 ? names.map(workloadNamed) : ['W1', 'W3']
    const records = wholeNumber('--n', values.n ?? '20000')
    await measureMetrics({ workloads, records, rounds: wholeNumber('--rounds', values.rounds ?? '40') }, say)
    return 0
  }
  if (mode === 'restore') {
    const keys = wholeNumber('--n', values.n ?? '1000000')
    await measureRestore({ keys, rounds: wholeNumber('--rounds', values.rounds ?? '3'), peers: values.peers })
    return 0
  }
  if (mode === 'hand-over') {
    const keys = wholeNumber('--n', values.n ?? '100000')
    await measureHandOver({ keys, rounds: wholeNumber('--rounds', values.rounds ?? '3'), bootstrap: values.bootstrap })
    return 0
  }
  if (mode === 'guard') return guard(say) ? 0 : 1
  const plainMode = PLAIN_MODES[mode]
  if (plainMode !== undefined) {
    await plainMode(names)
    return 0
  }
  if (mode === 'compare') {
    const comparisons = comparisonsAmong(names)
    const workloads = names.filter((name) => !comparisons.some((each) => each === name)).map(workloadNamed)
    const allEqual = await compare({
      comparisons,
      workloads: workloads.length === 0 ? undefined : workloads,
      rounds: wholeNumber('--rounds', values.rounds ?? '3'),
      records: values.n === undefined ? undefined : wholeNumber('--n', values.n),
      peers: values.peers,
      bootstrap: values.bootstrap,
      out: values.out,
    })
    return allEqual ? 0 : 1
  }
  const settings: ApplicationSettings = {
    ...DEFAULT_SETTINGS,
    guarantee: oneOf('--guarantee', values.guarantee, ['exactly_once_v2', 'at_least_once']),
    store: oneOf('--store', values.store, ['persistent', 'in-memory']),
    threads: wholeNumber('--threads', values.threads),
  }
  if (mode === 'load') {
    if (values.bootstrap === undefined) throw new RangeError('Mode load needs --bootstrap HOST:PORT.')
    for (const workload of names.map(workloadNamed)) {
      await loadCluster(workload, Number(values.n ?? WORKLOADS[workload].count), values.bootstrap)
    }
    return 0
  }
  const passesOf = passesOfMode(mode, settings, values.bootstrap)
  const repeat = wholeNumber('--repeat', values.repeat)
  let allEqual = true
  for (const workload of (names.length > 0 ? names : Object.keys(WORKLOADS)).map(workloadNamed)) {
    const count = values.n === undefined ? WORKLOADS[workload].count : wholeNumber('--n', values.n)
    const java = expectedChecksums(workload, count, mode === 'driver' ? 1 : PARTITIONS)
    for await (const pass of passesOf(workload, count, repeat)) {
      const isEqual = java === undefined ? undefined : agree(java, pass)
      if (isEqual === false) allEqual = false
      process.stdout.write(values.json ? jsonLine(pass, isEqual) : line(pass, java, isEqual))
    }
  }
  return allEqual ? 0 : 1
}

const say = (text: string): void => void process.stdout.write(`${text}\n`)

/** Modes that take names only. */
const PLAIN_MODES: { readonly [mode: string]: (names: readonly string[]) => void | Promise<void> } = {
  chart: ([results = 'benchmarks/results/compare.jsonl', chart = 'benchmarks/results/ratios.svg']) =>
    writeChart(results, chart),
  codecs: () => measureCodecs(say),
  curves: (names) => measureCurves(names, say),
  idle: () => measureIdle(say),
  latency: () => measureLatency(say),
  log: ([part]) => measureLog(part),
  stores: ([engine]) => measureStores(engine),
}

type Passes = (workload: Workload, count: number, repeat: number) => Iterable<Pass> | AsyncIterable<Pass>

function passesOfMode(mode: string, settings: ApplicationSettings, bootstrap: string | undefined): Passes {
  switch (mode) {
    case 'driver':
      return runDriver
    case 'standalone':
      return (workload, count, repeat) => runStandalone(workload, count, repeat, settings)
    case 'cluster':
      if (bootstrap === undefined) throw new RangeError('Mode cluster needs --bootstrap HOST:PORT.')
      return (workload, count, repeat) => runCluster(workload, count, repeat, settings, bootstrap)
    default:
      throw new RangeError(
        `Unknown mode '${mode}': give driver, standalone, cluster, load, compare, chart, guard, latency, idle, curves, codecs, operators, metrics, serdes, stores, restore, hand-over or log. See --help.`,
      )
  }
}

function jsonLine(pass: Pass, isEqual: boolean | undefined): string {
  return `${JSON.stringify({ ...pass, equalsJava: isEqual ?? 'not recorded' })}\n`
}

function line(pass: Pass, java: ExpectedChecksums | undefined, isEqual: boolean | undefined): string {
  const verdict = isEqual === undefined ? '' : isEqual ? " (Java's)" : ` (Java's: ${java?.checksum})`
  return (
    `${pass.workload} ${pass.mode}: ${pass.records} records in ${pass.seconds.toFixed(2)} s, ${pass.recordsPerSec}/s, ` +
    `${pass.cpuSeconds.toFixed(2)} s of CPU, ${pass.rssMb} MB, checksum ${pass.checksum}${verdict}\n`
  )
}

function oneOf<T extends string>(option: string, given: string, known: readonly T[]): T {
  const found = known.find((each) => each === given)
  if (found !== undefined) return found
  throw new RangeError(`${option} takes ${known.join(' or ')}, not '${given}'.`)
}

function wholeNumber(option: string, text: string): number {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value > 0) return value
  throw new RangeError(`${option} takes a whole number above 0, not '${text}'.`)
}

try {
  process.exitCode = await main()
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 2
}
