import {
  type CloseOptions,
  type KafkaClientSupplier,
  KafkaStreams,
  type StreamsProperties,
  systemTime,
  type Topology,
} from '@millrace/streams-core'
import { type WorkerChannel, workerChannel } from '../workers/worker-channel.ts'
import { workerSettings } from '../workers/worker-settings.ts'
import { createMissingTopics, type TopicToCreate } from './create-missing-topics.ts'
import { type OpenClients, openClients } from './open-clients.ts'
import { restoreProgress } from './restore-progress.ts'
import { onStopSignal } from './stop-signals.ts'

/** ms that a worker has to end when its pool is gone. */
const orphanedMs = 3000

/** What else `run` may be told. */
export interface RunOptions {
  /** Topics that are created when they are missing. */
  readonly topics?: readonly TopicToCreate[]
  /** Called before the start: the place to set listeners and handlers. */
  readonly beforeStart?: (streams: KafkaStreams, clients: KafkaClientSupplier) => void
  /** False: SIGINT and SIGTERM are left to the caller. Default: they close the application. */
  readonly handleSignals?: boolean
}

/** An application that `run` has started. */
export interface Application {
  readonly streams: KafkaStreams
  /** The clients that it runs on, also for the caller's own reading and writing. */
  readonly clients: KafkaClientSupplier
  /** Settles when all is closed, the log included; rejects with the error that ended the application, if one did. */
  readonly stopped: Promise<void>
  /** As `KafkaStreams.close`; then closes the log. */
  close(options?: CloseOptions): Promise<boolean>
}

/**
 * Runs a topology where the setting `mode` says: on the bundled log in this process (`standalone`, the default), on brokers
 * (`cluster`, with `bootstrap.servers`), or on a log in memory (`test`). Resolves when the application is RUNNING.
 *
 * ```ts
 * await run(topology, { 'application.id': 'word-count', mode: 'standalone' })
 * ```
 *
 * SIGINT and SIGTERM close it. The same file is one of many workers under `runWorkers`, and is only looked at by `millrace plan`.
 *
 * @throws StreamsConfigError, TopologyError, and what `KafkaStreams.start` throws
 */
export async function run(
  topology: Topology,
  properties: StreamsProperties,
  options: RunOptions = {},
): Promise<Application> {
  const worker = workerChannel()
  if (worker?.isPlanning) return tellPlan(worker, topology, properties)
  let isAskedToStop = false
  let stop = (): void => {
    isAskedToStop = true
  }
  const forget = options.handleSignals === false ? () => {} : onStopSignal(() => stop())
  worker?.onMessage(({ kind }) => {
    if (kind === 'orphaned') endWithPool(() => stop())
    if (kind === 'stop') stop()
  })
  let streams: KafkaStreams
  let open: OpenClients | undefined
  try {
    const settings = worker === undefined ? properties : await workerSettings(properties, worker)
    open = await openClients(settings)
    await createMissingTopics(open.clients, options.topics ?? [])
    streams = new KafkaStreams(topology, settings, open.clients, {
      onStateChange: (state) => void worker?.send({ kind: 'state', state }),
    })
    // The log of workers ends with them: nobody need wait for their return.
    const sharesLog = worker !== undefined && settings['bootstrap.servers'] !== properties['bootstrap.servers']
    stop = () => void streams.close(sharesLog ? { groupMembershipOperation: 'LEAVE_GROUP' } : {})
    if (isAskedToStop) stop()
    streams.observeRestore(restoreProgress(process.stderr, systemTime))
    options.beforeStart?.(streams, open.clients)
  } catch (error) {
    forget()
    await open?.close()
    throw error
  }
  const { clients, close: closeLog } = open
  const stopped = streams.stopped.finally(closeLog)
  const application: Application = {
    streams,
    clients,
    stopped,
    async close(closeOptions) {
      const isInTime = await streams.close(closeOptions)
      if (isInTime) await stopped.catch(() => {})
      return isInTime
    },
  }
  stopped
    .then(
      () => worker?.release(),
      (error: unknown) => endWithFailure(worker, error),
    )
    .finally(forget)
  try {
    await streams.start()
  } catch (error) {
    await stopped.catch(() => {})
    throw error
  }
  return application
}

/** Other code of the process may still run: it is told by the exit code. A worker ends, so that its pool may start another. */
async function endWithFailure(worker: WorkerChannel | undefined, error: unknown): Promise<void> {
  process.exitCode = 1
  if (worker === undefined) return
  await worker.send({ kind: 'failed', message: error instanceof Error ? error.message : String(error) })
  process.exit(1)
}

/** The pool is gone, and with it perhaps the log: what cannot be committed in a while is left to the next start. */
function endWithPool(stop: () => void): void {
  stop()
  systemTime.setTimer(orphanedMs, () => process.exit(1))
}

/** Says what would run; what comes after `run` in the application's file is never reached. */
async function tellPlan(worker: WorkerChannel, topology: Topology, properties: StreamsProperties): Promise<never> {
  const { planApplication } = await import('../plan/plan-application.ts')
  try {
    await worker.send({ kind: 'plan', plan: await planApplication(topology, properties) })
  } catch (error) {
    await worker.send({ kind: 'failed', message: error instanceof Error ? error.message : String(error) })
  }
  process.exit(0)
}
