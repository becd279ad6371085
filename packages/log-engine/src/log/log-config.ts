import { EngineError } from '../engine-error.ts'

/** The topic configs on which the engine acts. Times in ms, sizes in bytes; -1 or Infinity: without limit. */
export interface LogConfig {
  readonly cleanupPolicy: ReadonlySet<'compact' | 'delete'>
  readonly compressionType: 'producer' | 'uncompressed' | 'gzip' | 'snappy' | 'lz4' | 'zstd'
  readonly deleteRetentionMs: number
  readonly indexIntervalBytes: number
  readonly maxCompactionLagMs: number
  readonly maxMessageBytes: number
  readonly messageTimestampAfterMaxMs: number
  readonly messageTimestampBeforeMaxMs: number
  readonly messageTimestampType: 'CreateTime' | 'LogAppendTime'
  readonly minCleanableDirtyRatio: number
  readonly minCompactionLagMs: number
  readonly retentionBytes: number
  readonly retentionMs: number
  readonly segmentBytes: number
  readonly segmentIndexBytes: number
  readonly segmentMs: number
}

interface ConfigEntry {
  readonly defaultValue: string
  /** Says what is wrong with a value, or undefined. */
  readonly check: (value: string) => string | undefined
}

const integer = (defaultValue: string, least: number, most = Number.POSITIVE_INFINITY): ConfigEntry => ({
  defaultValue,
  check: (value) =>
    /^-?\d+$/.test(value) && Number(value) >= least && Number(value) <= most
      ? undefined
      : `a whole number of at least ${least}${most === Number.POSITIVE_INFINITY ? '' : ` and at most ${most}`}`,
})

const oneOf = (defaultValue: string, ...values: readonly string[]): ConfigEntry => ({
  defaultValue,
  check: (value) => (values.includes(value) ? undefined : `one of ${values.join(', ')}`),
})

const anything = (defaultValue: string): ConfigEntry => ({ defaultValue, check: () => undefined })

const unlimited = '9223372036854775807'

/**
 * Every topic config of Kafka 4.3 with its default. Those that speak of replicas, remote storage or delayed deletion are
 * accepted and have no effect on a single node. Nor have `flush.messages` and `flush.ms`, for which the engine's own `flush`
 * stands, `preallocate`, `segment.jitter.ms`, and the compression levels: codecs compress at their own default.
 * @see org.apache.kafka.storage.internals.log.LogConfig
 */
const entries: Readonly<Record<string, ConfigEntry>> = {
  'cleanup.policy': {
    defaultValue: 'delete',
    check: (value) =>
      value === '' || value.split(',').every((policy) => ['compact', 'delete'].includes(policy.trim()))
        ? undefined
        : 'compact, delete, or both with a comma between',
  },
  'compression.gzip.level': integer('-1', -1, 9),
  'compression.lz4.level': integer('9', 1, 17),
  'compression.type': oneOf('producer', 'producer', 'uncompressed', 'gzip', 'snappy', 'lz4', 'zstd'),
  'compression.zstd.level': integer('3', -131072, 22),
  'delete.retention.ms': integer('86400000', 0),
  'file.delete.delay.ms': integer('60000', 0),
  'flush.messages': integer(unlimited, 1),
  'flush.ms': integer(unlimited, 0),
  'follower.replication.throttled.replicas': anything(''),
  'index.interval.bytes': integer('4096', 0, 2 ** 31 - 1),
  'internal.segment.bytes': integer('', 1, 2 ** 31 - 1),
  'leader.replication.throttled.replicas': anything(''),
  'local.retention.bytes': integer('-2', -2),
  'local.retention.ms': integer('-2', -2),
  'max.compaction.lag.ms': integer(unlimited, 1),
  'max.message.bytes': integer('1048588', 0, 2 ** 31 - 1),
  'message.timestamp.after.max.ms': integer('3600000', 0),
  'message.timestamp.before.max.ms': integer(unlimited, 0),
  'message.timestamp.type': oneOf('CreateTime', 'CreateTime', 'LogAppendTime'),
  'min.cleanable.dirty.ratio': {
    defaultValue: '0.5',
    check: (value) => (value !== '' && Number(value) >= 0 && Number(value) <= 1 ? undefined : 'a number from 0 to 1'),
  },
  'min.compaction.lag.ms': integer('0', 0),
  'min.insync.replicas': integer('1', 1),
  preallocate: oneOf('false', 'true', 'false'),
  'remote.log.copy.disable': oneOf('false', 'true', 'false'),
  'remote.log.delete.on.disable': oneOf('false', 'true', 'false'),
  'remote.storage.enable': oneOf('false', 'false'),
  'retention.bytes': integer('-1', -1),
  'retention.ms': integer('604800000', -1),
  'segment.bytes': integer('1073741824', 1048576, 2 ** 31 - 1),
  'segment.index.bytes': integer('10485760', 4, 2 ** 31 - 1),
  'segment.jitter.ms': integer('0', 0),
  'segment.ms': integer('604800000', 1),
  'unclean.leader.election.enable': oneOf('false', 'true', 'false'),
}

/** What is accepted, as other brokers do what it says, and means nothing to this log: who sets it may expect something of it. */
const withoutEffect = [
  'compression.gzip.level',
  'compression.lz4.level',
  'compression.zstd.level',
  'flush.messages',
  'flush.ms',
  'preallocate',
  'segment.jitter.ms',
]

/** One line on what of the configs is accepted and has no effect; undefined: nothing. */
export function configsWithoutEffect(
  topic: string,
  configs: Readonly<Record<string, string | null>>,
): string | undefined {
  const set = withoutEffect.filter((name) => {
    const value = configs[name] ?? undefined
    return value !== undefined && value !== entries[name]?.defaultValue
  })
  if (set.length === 0) return undefined
  const flush = set.some((name) => name.startsWith('flush.'))
    ? " When records are synced is set for all topics by 'flush'."
    : ''
  return `Topic ${topic}: ${set.join(', ')} ${set.length === 1 ? 'is' : 'are'} kept and without effect.${flush}`
}

/** Kafka's defaults by dotted name. */
export const logConfigDefaults: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(entries).map(([name, { defaultValue }]) => [name, defaultValue]),
)

/** @throws EngineError INVALID_CONFIG naming the config, its value and what is accepted */
export function parseLogConfig(topic: string, configs: Readonly<Record<string, string>>): LogConfig {
  for (const [name, value] of Object.entries(configs)) {
    const wanted = entries[name] === undefined ? undefined : entries[name].check(value)
    if (entries[name] === undefined) {
      throw new EngineError('INVALID_CONFIG', `Topic ${topic}: there is no topic config '${name}'. Check its spelling.`)
    }
    if (wanted !== undefined) {
      throw new EngineError('INVALID_CONFIG', `Topic ${topic}: config ${name} is '${value}', but must be ${wanted}.`)
    }
  }
  const text = (name: string): string => configs[name] ?? entries[name]!.defaultValue
  const number = (name: string): number => Math.min(Number(text(name)), Number.MAX_SAFE_INTEGER)
  const policies = text('cleanup.policy').split(',')
  return {
    cleanupPolicy: new Set(policies.map((policy) => policy.trim() as 'compact' | 'delete').filter(Boolean)),
    compressionType: text('compression.type') as LogConfig['compressionType'],
    deleteRetentionMs: number('delete.retention.ms'),
    indexIntervalBytes: number('index.interval.bytes'),
    maxCompactionLagMs: number('max.compaction.lag.ms'),
    maxMessageBytes: number('max.message.bytes'),
    messageTimestampAfterMaxMs: number('message.timestamp.after.max.ms'),
    messageTimestampBeforeMaxMs: number('message.timestamp.before.max.ms'),
    messageTimestampType: text('message.timestamp.type') as LogConfig['messageTimestampType'],
    minCleanableDirtyRatio: number('min.cleanable.dirty.ratio'),
    minCompactionLagMs: number('min.compaction.lag.ms'),
    retentionBytes: number('retention.bytes'),
    retentionMs: number('retention.ms'),
    segmentBytes: configs['internal.segment.bytes'] ? number('internal.segment.bytes') : number('segment.bytes'),
    segmentIndexBytes: number('segment.index.bytes'),
    segmentMs: number('segment.ms'),
  }
}
