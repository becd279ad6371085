import { logConfigDefaults } from '@millrace/log-engine'
import { type BrokerConfig, type BrokerConfigName, brokerConfigs } from './broker-config.ts'

/** Where a value comes from, by Kafka's numbers. */
export const configSources = { topic: 1, staticBroker: 4, default: 5 } as const

/** One config of a topic or of the broker. */
export interface ConfigEntry {
  readonly name: string
  readonly value: string
  readonly source: number
  readonly defaultValue: string
  /** Kafka's number: 1 boolean, 2 string, 3 int, 5 long, 6 double, 7 list. */
  readonly type: number
  readonly documentation: string | null
  /** The config of the broker from which the default of a topic comes in Kafka; null: there is none of the same unit. */
  readonly defaultName: string | null
}

const typeNumbers = { boolean: 1, string: 2, int: 3, long: 5 } as const

const intConfigs = new Set(['index.interval.bytes', 'max.message.bytes', 'min.insync.replicas', 'segment.bytes'])
const listConfigs = new Set([
  'cleanup.policy',
  'follower.replication.throttled.replicas',
  'leader.replication.throttled.replicas',
])

/** The broker's config behind a topic's, where it is called otherwise; null: there is none, or it has another unit. */
const brokerNames: Readonly<Record<string, string | null>> = {
  'cleanup.policy': 'log.cleanup.policy',
  'delete.retention.ms': 'log.cleaner.delete.retention.ms',
  'file.delete.delay.ms': 'log.segment.delete.delay.ms',
  'flush.messages': 'log.flush.interval.messages',
  'flush.ms': null,
  'follower.replication.throttled.replicas': null,
  'index.interval.bytes': 'log.index.interval.bytes',
  'leader.replication.throttled.replicas': null,
  'local.retention.bytes': 'log.local.retention.bytes',
  'local.retention.ms': 'log.local.retention.ms',
  'max.compaction.lag.ms': 'log.cleaner.max.compaction.lag.ms',
  'max.message.bytes': 'message.max.bytes',
  'message.timestamp.after.max.ms': 'log.message.timestamp.after.max.ms',
  'message.timestamp.before.max.ms': 'log.message.timestamp.before.max.ms',
  'message.timestamp.type': 'log.message.timestamp.type',
  'min.cleanable.dirty.ratio': 'log.cleaner.min.cleanable.ratio',
  'min.compaction.lag.ms': 'log.cleaner.min.compaction.lag.ms',
  preallocate: 'log.preallocate',
  'remote.log.copy.disable': null,
  'remote.log.delete.on.disable': null,
  'remote.storage.enable': null,
  'retention.bytes': 'log.retention.bytes',
  'retention.ms': null,
  'segment.bytes': 'log.segment.bytes',
  'segment.index.bytes': 'log.index.size.max.bytes',
  'segment.jitter.ms': null,
  'segment.ms': null,
}

/** Every config of a topic, by name: those in `set`, and the defaults of the others. */
export function topicConfigEntries(set: Readonly<Record<string, string>>): ConfigEntry[] {
  return Object.entries(logConfigDefaults)
    .filter(([name]) => !name.startsWith('internal.'))
    .map(([name, defaultValue]) => ({
      name,
      value: set[name] ?? defaultValue,
      source: set[name] === undefined ? configSources.default : configSources.topic,
      defaultValue,
      type: typeOfTopicConfig(name, defaultValue),
      documentation: null,
      defaultName: brokerNames[name] === undefined ? name : brokerNames[name],
    }))
}

function typeOfTopicConfig(name: string, defaultValue: string): number {
  if (listConfigs.has(name)) return 7
  if (defaultValue === 'true' || defaultValue === 'false') return typeNumbers.boolean
  if (intConfigs.has(name)) return typeNumbers.int
  if (/^-?\d+$/.test(defaultValue)) return typeNumbers.long
  return /^-?\d+\.\d+$/.test(defaultValue) ? 6 : typeNumbers.string
}

/** Every config of the broker, by name. */
export function brokerConfigEntries(config: BrokerConfig): ConfigEntry[] {
  return Object.entries(brokerConfigs).map(([name, { type, defaultValue, documentation }]) => ({
    name,
    value: config.text(name as BrokerConfigName),
    source: config.isSet(name as BrokerConfigName) ? configSources.staticBroker : configSources.default,
    defaultValue,
    type: typeNumbers[type],
    documentation,
    defaultName: name,
  }))
}
