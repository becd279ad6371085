import { prepareCompression } from '@millrace/kafka-protocol'
import { type FlushPolicy, LogEngine, memoryFileSystem, systemTime, type Time } from '@millrace/log-engine'
import { type AclEntry, aclAuthorizer, allowEverything } from './acl.ts'
import { AnswerMemory } from './answer-memory.ts'
import { BrokerConfig } from './broker-config.ts'
import { BrokerConfigError } from './broker-error.ts'
import { ConnectionMemory } from './connection-memory.ts'
import { Control, type Fault, type FaultOptions } from './control.ts'
import { FetchSessions } from './fetch-sessions.ts'
import { handlers } from './handlers/index.ts'
import { Listener, type ListenerOptions } from './listener.ts'
import type { BrokerState } from './request-context.ts'
import { RequestRouter } from './request-router.ts'
import { type SaslMechanismName, saslMechanisms, type User } from './sasl.ts'
import { TopicIds } from './topic-ids.ts'

/** Options of `startBroker`. One of `memory`, `dir` and `engine` says where the records are. */
export interface BrokerOptions {
  /** Everything in memory, gone when the broker closes. */
  readonly memory?: boolean
  /** The data directory. */
  readonly dir?: string
  /** An engine that is open already; the broker does not close it. */
  readonly engine?: LogEngine
  /** Default: the engine's. */
  readonly flush?: FlushPolicy
  /** Of the only listener, when `listeners` is not given. Default 127.0.0.1. */
  readonly host?: string
  /** Default 0: any that is free. */
  readonly port?: number
  readonly listeners?: readonly ListenerOptions[]
  /** Kafka's broker configs by name (`broker-config.ts`). */
  readonly configs?: Readonly<Record<string, string>>
  /** Who may authenticate on listeners with SASL. */
  readonly users?: readonly User[]
  /** Default: all three. */
  readonly saslMechanisms?: readonly SaslMechanismName[]
  /** Without it everybody may do everything. */
  readonly acls?: readonly AclEntry[]
  /** Principals that may do everything whatever `acls` say. */
  readonly superUsers?: readonly string[]
  /** Default: the system's. */
  readonly time?: Time
  /** Hears one line for each thing worth knowing: a closed connection, a recovery. Default: silence. */
  readonly onLog?: (message: string) => void
}

/** A running broker. */
export interface Broker {
  readonly host: string
  readonly port: number
  /** `host:port` of the first listener, for `bootstrap.servers`. */
  readonly address: string
  readonly listeners: readonly Listener[]
  readonly engine: LogEngine
  /**
   * Lets something befall the requests of an API (by key: 0 is Produce) instead of their usual handling. Returns what
   * ends it.
   */
  control(apiKey: number, fault: Fault, options?: FaultOptions): () => void
  /** Closes the listeners, the connections and, unless it was given, the engine. */
  close(): Promise<void>
}

/**
 * Starts a broker that speaks Kafka's protocol in front of a log engine.
 * @throws BrokerConfigError, EngineError
 */
export async function startBroker(options: BrokerOptions = {}): Promise<Broker> {
  const time = options.time ?? systemTime
  const log = options.onLog ?? (() => undefined)
  const config = new BrokerConfig(options.configs)
  const authorizer = options.acls === undefined ? allowEverything : aclAuthorizer(options.acls, options.superUsers)
  const mechanisms = options.saslMechanisms ?? ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512']
  const memory = new ConnectionMemory(config.number('queued.max.request.bytes'), time)
  const control = new Control()
  const codecs = prepareCompression()
  const { engine, closeEngine } = await openEngine(options, config, time, log)
  const state: BrokerState = {
    engine,
    config,
    authorizer,
    acls: options.acls,
    users: options.users ?? [],
    saslMechanisms: mechanisms,
    topicIds: new TopicIds(engine),
    fetchSessions: new FetchSessions(config.number('max.incremental.fetch.session.cache.slots')),
    clusterId: engine.clusterId,
    nodeId: 1,
    memory,
    time,
    log,
  }
  const listeners: Listener[] = []
  const close = async (): Promise<void> => {
    await Promise.all(listeners.map((listener) => listener.close()))
    await closeEngine()
  }
  try {
    const services = {
      router: new RequestRouter(handlers, state, control),
      memory,
      answerMemory: new AnswerMemory(),
      maxFrameBytes: config.number('socket.request.max.bytes'),
      maxUnauthenticatedFrameBytes: config.number('sasl.server.max.receive.size'),
      maxIdleMs: config.number('connections.max.idle.ms'),
      saslMechanisms: saslMechanisms(mechanisms, options.users ?? []),
      log,
    }
    const { host = '127.0.0.1', port = 0 } = options
    for (const listener of options.listeners ?? [{ host, port }]) listeners.push(new Listener(listener, services))
    // The log looks into what clients have compressed.
    await codecs
    await Promise.all(listeners.map((listener) => listener.listen()))
  } catch (error) {
    await close()
    throw error
  }
  const first = listeners[0]
  if (first === undefined) throw new BrokerConfigError('A broker needs at least one listener.')
  return {
    host: first.advertisedHost,
    port: first.advertisedPort,
    address: `${first.advertisedHost}:${first.advertisedPort}`,
    listeners,
    engine,
    control: (apiKey, fault, faultOptions) => control.add(apiKey, fault, faultOptions),
    close,
  }
}

/** A line a second while the log is opened. */
function progressTo(log: (message: string) => void, time: Time): (opened: number, partitions: number) => void {
  let next = time.now() + 1000
  return (opened, partitions) => {
    const now = time.now()
    if (now < next) return
    next = now + 1000
    log(`opening the log: ${opened} of ${partitions} partitions`)
  }
}

async function openEngine(
  { memory, dir, engine, flush }: BrokerOptions,
  config: BrokerConfig,
  time: Time,
  log: (message: string) => void,
): Promise<{ engine: LogEngine; closeEngine: () => Promise<void> }> {
  if (engine !== undefined) return { engine, closeEngine: async () => undefined }
  if ((memory === true) === (dir !== undefined)) {
    throw new BrokerConfigError('A broker needs either a data directory or memory: true.')
  }
  const place = dir === undefined ? { dir: 'memory', fileSystem: memoryFileSystem() } : { dir }
  const groups = {
    initialRebalanceDelayMs: config.number('group.initial.rebalance.delay.ms'),
    minSessionTimeoutMs: config.number('group.min.session.timeout.ms'),
    maxSessionTimeoutMs: config.number('group.max.session.timeout.ms'),
    maxSize: config.number('group.max.size'),
    consumerSessionTimeoutMs: config.number('group.consumer.session.timeout.ms'),
    consumerHeartbeatIntervalMs: config.number('group.consumer.heartbeat.interval.ms'),
    consumerMaxSize: config.number('group.consumer.max.size'),
    migrationPolicy: config.migrationPolicy,
    offsetsRetentionMs: config.number('offsets.retention.minutes') * 60_000,
  }
  const opened = await LogEngine.open({
    ...place,
    groups,
    ...(flush === undefined ? {} : { flush }),
    time,
    onWarning: log,
    onProgress: progressTo(log, time),
  })
  return { engine: opened, closeEngine: () => opened.close() }
}
