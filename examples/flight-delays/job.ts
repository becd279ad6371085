import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type KafkaClientSupplier, KafkaStreams, readTopic } from 'millrace'
import { embeddedClientSupplier, LogEngine } from 'millrace/embedded'
import { readFlights } from './flights-file.ts'
import { createTopics, load } from './load.ts'
import type { Options } from './options.ts'
import type { Output } from './output.ts'
import { grouped, weekTable, worstWeeks } from './report.ts'
import { buildTopology, delaysByState, flights, unknownAirports } from './topology.ts'
import { unreadRecords } from './unread.ts'

const applicationId = 'flight-delays'
/** What the application reads and must come to the end of: its input, and its own repartition topic. */
const topicsToFinish = [flights.name, `${applicationId}-by-state-repartition`]
const pauseMs = 10

/** What the job may be given beside its options. */
export interface JobSettings {
  /** Ends the job early, after a last commit. */
  readonly signal?: AbortSignal
  /** Stands between the application and its clients. */
  readonly wrapClients?: (clients: KafkaClientSupplier) => KafkaClientSupplier
}

/** Loads what is not loaded, processes what is not processed, and shows the result. */
export async function runJob(options: Options, output: Output, settings: JobSettings = {}): Promise<void> {
  const { flights: all, undated } = readFlights(options.flightsPath)
  const log = await LogEngine.open({ dir: join(options.dir, 'log'), onWarning: (message) => output.line(message) })
  try {
    const clients = embeddedClientSupplier(log)
    await createTopics(clients)
    const loaded = await load(clients, {
      flights: all,
      airportsPath: options.airportsPath,
      onProgress: (count) => output.progress(`loading: ${grouped(count)} of ${grouped(all.length)} flights`),
    })
    output.line(`${grouped(all.length)} flights in the log, ${grouped(loaded)} of them loaded now`)
    if (undated > 0)
      output.line(`${grouped(undated)} entries of the file have no date, or are no flights, and were left out`)
    if ((await unreadRecords(clients, applicationId, topicsToFinish)) === 0) {
      output.line('All flights had been processed before: nothing was done.')
    } else await process(options, output, clients, settings)
    if (settings.signal?.aborted) output.line('Stopped. The next start goes on from here.')
    else await report(options, output, clients)
  } finally {
    await log.close()
  }
}

/** Runs the application until nothing is left to read, or until it is told to stop. */
async function process(
  options: Options,
  output: Output,
  clients: KafkaClientSupplier,
  { signal, wrapClients = (same) => same }: JobSettings,
): Promise<void> {
  const streams = new KafkaStreams(
    buildTopology(),
    {
      'application.id': applicationId,
      'state.dir': join(options.dir, 'state'),
      'statestore.cache.max.bytes': 0,
    },
    wrapClients(clients),
  )
  try {
    await streams.start()
    const begin = Date.now()
    const before = await unreadFlights(clients)
    await untilDone(streams, clients, output, signal)
    const seconds = (Date.now() - begin) / 1000
    const done = before - (await unreadFlights(clients))
    output.line(`${grouped(done)} flights processed in ${seconds.toFixed(1)} s: ${grouped(done / seconds)} a second`)
  } finally {
    await streams.close()
  }
}

async function unreadFlights(clients: KafkaClientSupplier): Promise<number> {
  for (;;) {
    const count = await unreadRecords(clients, applicationId, [flights.name])
    if (count !== undefined) return count
    await sleep(pauseMs)
  }
}

/** Rejects when the application ends with an error. */
async function untilDone(
  streams: KafkaStreams,
  clients: KafkaClientSupplier,
  output: Output,
  signal: AbortSignal | undefined,
): Promise<void> {
  while (!signal?.aborted) {
    await Promise.race([sleep(pauseMs), streams.stopped])
    const left = lag(streams)
    output.progress(`processing: ${grouped(left)} records to go`)
    if (left === 0 && (await unreadRecords(clients, applicationId, topicsToFinish)) === 0) return
  }
}

function lag(streams: KafkaStreams): number {
  return streams
    .metadataForLocalThreads()
    .flatMap(({ activeTasks }) => activeTasks)
    .reduce((sum, { lag }) => sum + lag, 0)
}

/** The figures, the ten worst weeks, and where the data is. */
async function report({ dir }: Options, output: Output, clients: KafkaClientSupplier): Promise<void> {
  const flightCount = (await readTopic(clients, flights)).length
  const results = (await readTopic(clients, delaysByState)).flatMap(({ value }) => (value === null ? [] : [value]))
  const unknown = await readTopic(clients, unknownAirports)
  if (unknown.length > 0) {
    const codes = [...new Set(unknown.map(({ key }) => key))].sort().join(', ')
    output.line(
      `${grouped(unknown.length)} flights are from unknown airports (${codes}): see topic ${unknownAirports.name}`,
    )
  }
  output.line(`${grouped(flightCount)} flights in, ${grouped(results.length)} delays out\n`)
  output.line(`The ten worst weeks, of delays above 15 minutes:\n\n${weekTable(worstWeeks(results, 10))}\n`)
  output.line(`The log and the state are in ${dir}`)
}
