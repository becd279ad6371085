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
}

const typeNumbers = { boolean: 1, string: 2, int: 3, long: 5 } as const

const intConfigs = new Set(['index.interval.bytes', 'max.message.bytes', 'min.insync.replicas', 'segment.bytes'])
const listConfigs = new Set([
  'cleanup.policy',
  'follower.replication.throttled.replicas',
  'leader.replication.throttled.replicas',
])

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
  }))
}
