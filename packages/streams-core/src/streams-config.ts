import { clientSettingNames, isClientSetting } from './client-settings.ts'
import {
  type DeserializationExceptionHandler,
  defaultProductionExceptionHandler,
  logAndContinueExceptionHandler,
  logAndContinueProcessingExceptionHandler,
  logAndFailExceptionHandler,
  logAndFailProcessingExceptionHandler,
  type ProcessingExceptionHandler,
  type ProductionExceptionHandler,
} from './exception-handlers.ts'
import {
  anything,
  choice,
  flag,
  handler,
  list,
  logger,
  number,
  optionalChoice,
  optionalNumber,
  optionalText,
  recordTracing,
  type Setting,
  serde,
  text,
  timestampExtractor,
  topologyOptimization,
} from './setting-kinds.ts'

import { nearestName } from './setting-names.ts'

export type { TopologyOptimization } from './setting-kinds.ts'

/**
 * Every setting, in the order of the reference page. Names and defaults are Kafka's where Kafka has the setting
 * (defaults that differ say so). Settings of Kafka that have no use here are known, and say so.
 */
export const settings = {
  applicationId: text(
    'application.id',
    '',
    'Names the application: its consumer group, its internal topics, its transactional ids. Required.',
  ),
  mode: choice(
    'mode',
    ['test', 'standalone', 'cluster'],
    'standalone',
    'Where the application runs: `test` in process with virtual time, `standalone` on the bundled log, `cluster` on real brokers. Chooses defaults, and the clients of `run`.',
  ),
  bootstrapServers: list(
    'bootstrap.servers',
    'host:port of brokers, comma-separated; required in mode cluster. In mode standalone: a bundled broker that runs elsewhere.',
  ),
  logDir: text(
    'log.dir',
    '.millrace/log',
    'Folder of the bundled log in mode standalone, where no bootstrap.servers are given.',
  ),
  clientId: text('client.id', '', 'Prefix of the client ids. Default: the application id.'),
  applicationServer: optionalText(
    'application.server',
    'host:port at which this instance answers queries; told to the other instances.',
  ),
  processingGuarantee: optionalChoice(
    'processing.guarantee',
    ['at_least_once', 'exactly_once_v2'],
    'What a crash may do to results. Default: exactly_once_v2 in mode standalone, else at_least_once.',
  ),
  commitIntervalMs: optionalNumber(
    'commit.interval.ms',
    0,
    'ms between commits. Default: 100 with exactly_once_v2, else 30000.',
  ),
  transactionTimeoutMs: number(
    'transaction.timeout.ms',
    10_000,
    1,
    'ms after which the cluster aborts a transaction left open.',
  ),
  numStreamThreads: number(
    'num.stream.threads',
    1,
    1,
    'Stream threads of this instance. They share one event loop: for more cores run workers (docs/operations.md).',
  ),
  stateDir: text('state.dir', '.millrace/state', 'Folder of the local stores. Kafka’s default is a temporary folder.'),
  stateCleanupDelayMs: number(
    'state.cleanup.delay.ms',
    600_000,
    0,
    'ms for which the state of a task that has moved away is kept for its return.',
  ),
  stateCleanupDirMaxAgeMs: number(
    'state.cleanup.dir.max.age.ms',
    -1,
    -1,
    'ms after which the state of a task that has not been used is removed at start; -1: never.',
  ),
  stateSnapshotDir: optionalText(
    'state.snapshot.dir',
    'Folder for copies of the stores with their offsets; a task without local state starts from the newest one and restores the rest. On the file system of state.dir files are linked, not copied. Default: none are made.',
  ),
  stateSnapshotIntervalMs: number(
    'state.snapshot.interval.ms',
    600_000,
    0,
    'ms between snapshots of a task, each taken with a commit; 0: with every commit that finds the last one finished.',
  ),
  numStandbyReplicas: number('num.standby.replicas', 0, 0, 'Copies of each store on other instances.'),
  maxWarmupReplicas: number(
    'max.warmup.replicas',
    2,
    1,
    'Tasks whose state may be built elsewhere at a time before they move there.',
  ),
  acceptableRecoveryLag: number(
    'acceptable.recovery.lag',
    10_000,
    0,
    'Records by which a copy of a store may be behind and still count as caught up.',
  ),
  probingRebalanceIntervalMs: number(
    'probing.rebalance.interval.ms',
    600_000,
    60_000,
    'ms between rebalances that look whether copies have caught up.',
  ),
  taskAssignor: anything(
    'task.assignor.class',
    'Decides which instance has which task; an object with `assign(application)`. Default: evenly, where the tasks ran or their copies lag least.',
  ),
  rackAwareAssignmentStrategy: choice(
    'rack.aware.assignment.strategy',
    ['none', 'min_traffic', 'balance_subtopology'],
    'none',
    'How racks count when tasks are assigned. Only `none` has an effect.',
  ),
  rackAwareAssignmentTags: list(
    'rack.aware.assignment.tags',
    'Tags in which the instances with copies of a store are to differ, the most important first; an instance has them as `client.tag.<tag>`.',
  ),
  rackAwareAssignmentTrafficCost: optionalNumber('rack.aware.assignment.traffic_cost', 0, 'Kept, not used.'),
  rackAwareAssignmentNonOverlapCost: optionalNumber('rack.aware.assignment.non_overlap_cost', 0, 'Kept, not used.'),
  groupProtocol: choice(
    'group.protocol',
    ['classic'],
    'classic',
    'How the instances form a group. Java also has `streams` (KIP-1071), which is refused here.',
  ),
  upgradeFrom: optionalText(
    'upgrade.from',
    'Kept, not used: members tell one another their versions, and a rolling upgrade needs no setting.',
  ),
  defaultDslStore: choice(
    'default.dsl.store',
    ['rocksDB', 'in_memory'],
    'rocksDB',
    'Kind of the DSL’s stores where none is named; rocksDB means the default persistent engine.',
  ),
  statestoreCacheMaxBytes: number(
    'statestore.cache.max.bytes',
    10_485_760,
    0,
    'Bytes of the record caches of all stores of a worker; 0 turns caching off.',
  ),
  statestoreUncommittedMaxBytes: number(
    'statestore.uncommitted.max.bytes',
    67_108_864,
    -1,
    'Bytes of uncommitted writes after which a commit is made early; -1: no bound.',
  ),
  dslStoreFormat: choice(
    'dsl.store.format',
    ['DEFAULT'],
    'DEFAULT',
    'Format of the DSL’s stores. Java 4.3 also has `HEADERS`, which is refused here.',
  ),
  dslStoreSuppliers: anything(
    'dsl.store.suppliers.class',
    'Chooses the DSL’s stores where none is named (KIP-954); an object, in place of default.dsl.store.',
  ),
  defaultKeySerde: serde('default.key.serde', 'Serde of keys where none is given.'),
  defaultValueSerde: serde('default.value.serde', 'Serde of values where none is given.'),
  defaultTimestampExtractor: timestampExtractor('default.timestamp.extractor'),
  autoOffsetReset: choice(
    'auto.offset.reset',
    ['earliest', 'latest', 'none'],
    'earliest',
    'Where a partition is read from that has no committed offset, or whose position is not in the log any more.',
  ),
  maxTaskIdleMs: number(
    'max.task.idle.ms',
    0,
    -1,
    'ms a task waits for an empty input whose broker has no more records either; -1: never wait (KIP-695).',
  ),
  asyncDrainTimeoutMs: number(
    'async.drain.timeout.ms',
    10_000,
    0,
    'ms for which a revocation or a close waits for asynchronous calls; then what they belong to is given up and processed again.',
  ),
  taskTimeoutMs: number('task.timeout.ms', 300_000, 0, 'ms over which an unreachable cluster is tried again.'),
  pollMs: number('poll.ms', 100, 0, 'ms a poll waits for records when there is nothing to do.'),
  bufferedRecordsPerPartition: number(
    'buffered.records.per.partition',
    1000,
    1,
    'Records buffered per partition before its reading pauses.',
  ),
  repartitionPurgeIntervalMs: number(
    'repartition.purge.interval.ms',
    30_000,
    0,
    'ms between deletions of processed records from repartition topics.',
  ),
  replicationFactor: number('replication.factor', -1, -1, 'Replicas of internal topics; -1: the broker’s default.'),
  windowstoreChangelogAdditionalRetentionMs: number(
    'windowstore.changelog.additional.retention.ms',
    86_400_000,
    0,
    'ms added to the retention of windowed changelogs.',
  ),
  topologyOptimization: topologyOptimization('topology.optimization'),
  ensureExplicitInternalResourceNaming: flag(
    'ensure.explicit.internal.resource.naming',
    false,
    'Refuse topologies whose internal topics or stores have generated names.',
  ),
  deserializationExceptionHandler: handler<'deserialization.exception.handler', DeserializationExceptionHandler>(
    'deserialization.exception.handler',
    'What to do about bytes that are no record',
  ),
  processingExceptionHandler: handler<'processing.exception.handler', ProcessingExceptionHandler>(
    'processing.exception.handler',
    'What to do when user code throws',
  ),
  productionExceptionHandler: handler<'production.exception.handler', ProductionExceptionHandler>(
    'production.exception.handler',
    'What to do about records that cannot be sent',
  ),
  errorsDeadLetterQueueTopicName: optionalText(
    'errors.dead.letter.queue.topic.name',
    'Topic that receives records which failed, with headers about the error.',
  ),
  processingExceptionHandlerGlobalEnabled: flag(
    'processing.exception.handler.global.enabled',
    false,
    'Whether processing.exception.handler is asked about processors of global tables too. Kept, not used.',
  ),
  metricsRecordingLevel: choice('metrics.recording.level', ['INFO', 'DEBUG', 'TRACE'], 'INFO', 'How much is measured.'),
  enableMetricsPush: flag(
    'enable.metrics.push',
    true,
    'Kept, not used: figures are read from metrics(), they are not pushed to brokers.',
  ),
  logSummaryIntervalMs: number(
    'log.summary.interval.ms',
    120_000,
    -1,
    'ms between lines of a summary in the log; 0 or less: none. Kept, not used.',
  ),
  processorWrapper: anything('processor.wrapper.class', 'Wraps every processor of the topology (KIP-1112).'),
  javaQuirks: flag(
    'java.quirks',
    false,
    'Reproduce the known defects of Java Kafka Streams 4.3.1 (docs/compatibility.md).',
  ),
  recordTracing: recordTracing(
    'record.tracing',
    'Follows records through the tasks, by their headers: openTelemetryTracing() of millrace/opentelemetry. Default: none, at no cost.',
  ),
  logger: logger('logger'),
} as const

type Settings = typeof settings

/**
 * The configuration as a user gives it: Kafka's dotted names. Unknown keys cause a warning, except settings of clients, and keys
 * that begin with a client's prefix (`consumer.`, `producer.`, `admin.`, `main.consumer.`, `restore.consumer.`,
 * `global.consumer.`) or with `topic.`.
 */
export type StreamsProperties = {
  readonly [P in keyof Settings as Settings[P]['key']]?: Settings[P] extends Setting<string, infer Given, unknown>
    ? Given
    : never
} & { readonly [key: string]: unknown }

/** The configuration with all defaults filled in. */
export type StreamsConfig = {
  readonly [P in Exclude<keyof Settings, DefaultedLater>]: ReturnType<Settings[P]['read']>
} & {
  readonly processingGuarantee: 'at_least_once' | 'exactly_once_v2'
  readonly commitIntervalMs: number
  readonly deserializationExceptionHandler: DeserializationExceptionHandler
  readonly processingExceptionHandler: ProcessingExceptionHandler
  readonly productionExceptionHandler: ProductionExceptionHandler
  /** As given, for `appConfigs()`. */
  readonly properties: StreamsProperties
}

type DefaultedLater =
  | 'processingGuarantee'
  | 'commitIntervalMs'
  | 'deserializationExceptionHandler'
  | 'processingExceptionHandler'
  | 'productionExceptionHandler'

/** Configs of internal topics, tags of this client, and Kafka's settings without a public name. */
const otherPrefixes = ['topic.', 'client.tag.', '__']

/**
 * Checks what was given and fills in the defaults.
 * @throws StreamsConfigError naming the key, what was given and what is allowed
 */
export function parseStreamsConfig(properties: StreamsProperties = {}): StreamsConfig {
  const values: { [name: string]: unknown } = {}
  const known = new Set<string>()
  for (const [name, setting] of Object.entries(settings) as [string, Setting<string, unknown, unknown>][]) {
    known.add(setting.key)
    const given = properties[setting.key]
    values[name] = given === undefined || given === null ? setting.defaultValue : setting.read(given, setting.key)
  }
  const config = values as unknown as StreamsConfig & { [P in DefaultedLater]: unknown }
  const deadLetters = config.errorsDeadLetterQueueTopicName
  const processingGuarantee =
    config.processingGuarantee ?? (config.mode === 'standalone' ? 'exactly_once_v2' : 'at_least_once')
  for (const key of Object.keys(properties)) {
    if (known.has(key) || isClientSetting(key) || otherPrefixes.some((prefix) => key.startsWith(prefix))) continue
    const nearest = nearestName(key, [...known, ...clientSettingNames])
    const hint = nearest === undefined ? '' : ` Did you mean '${nearest}'?`
    config.logger.warn(`Unknown setting '${key}' is kept for appConfigs() and otherwise ignored.${hint}`)
  }
  return Object.freeze({
    ...config,
    processingGuarantee,
    commitIntervalMs: config.commitIntervalMs ?? (processingGuarantee === 'exactly_once_v2' ? 100 : 30_000),
    deserializationExceptionHandler: chooseHandler(
      config.deserializationExceptionHandler,
      logAndContinueExceptionHandler(deadLetters),
      logAndFailExceptionHandler(deadLetters),
    ),
    processingExceptionHandler: chooseHandler(
      config.processingExceptionHandler,
      logAndContinueProcessingExceptionHandler(deadLetters),
      logAndFailProcessingExceptionHandler(deadLetters),
    ),
    productionExceptionHandler: chooseHandler(
      config.productionExceptionHandler,
      continueOnProductionError(deadLetters),
      defaultProductionExceptionHandler(deadLetters),
    ),
    properties,
  })
}

/** Every setting by its dotted name with the value that is in force; then what else was given, as it was given. */
export function effectiveConfigs(config: StreamsConfig): Readonly<{ [key: string]: unknown }> {
  const values = config as unknown as { readonly [name: string]: unknown }
  const effective = Object.fromEntries(Object.entries(settings).map(([name, { key }]) => [key, values[name]]))
  const others = Object.entries(config.properties).filter(([key]) => !(key in effective))
  return Object.freeze({ ...effective, ...Object.fromEntries(others) })
}

function continueOnProductionError(deadLetterQueueTopic: string | undefined): ProductionExceptionHandler {
  const strict = defaultProductionExceptionHandler(deadLetterQueueTopic)
  return {
    handleError: (context, target, error) => {
      const response = strict.handleError(context, target, error)
      return response.result === 'fail' ? { ...response, result: 'resume' } : response
    },
    handleSerializationError: (context, record, error, origin) => ({
      ...strict.handleSerializationError(context, record, error, origin),
      result: 'resume',
    }),
  }
}

function chooseHandler<H>(given: 'continue' | 'fail' | H | undefined, onContinue: H, onFail: H): H {
  if (given === 'continue') return onContinue
  return given === undefined || given === 'fail' ? onFail : given
}
