import type { Serde } from '@millrace/serdes'
import type { Logger } from '../logger.ts'
import type { DslStoreType } from '../state/dsl-store-suppliers.ts'
import { type StreamsProperties, settings, type TopologyOptimization } from '../streams-config.ts'
import type { ProcessorWrapper } from './processor-wrapper.ts'

/** What the configuration says about a topology, apart from where it runs. */
export interface TopologySettings {
  readonly optimizations: ReadonlySet<TopologyOptimization>
  readonly defaultKeySerde: Serde<unknown> | undefined
  readonly defaultValueSerde: Serde<unknown> | undefined
  /** Kind of the stores that were not given one. */
  readonly dslStore: DslStoreType
  readonly cachingEnabled: boolean
  readonly explicitNamesOnly: boolean
  readonly processorWrapper: ProcessorWrapper | undefined
  readonly javaQuirks: boolean
  readonly windowChangelogAdditionalRetentionMs: number
  /** Settings of internal topics, given with the prefix `topic.`. */
  readonly topicDefaults: Readonly<{ [key: string]: string }>
  readonly logger: Logger
}

interface Setting<Value> {
  readonly key: string
  readonly defaultValue: Value
  readonly read: (given: never, key: string) => Value
}

/** @throws StreamsConfigError naming the key, what was given and what is allowed */
export function readTopologySettings(properties: StreamsProperties): TopologySettings {
  const read = <Value>(setting: Setting<Value>): Value => {
    const given = properties[setting.key]
    return given === undefined || given === null ? setting.defaultValue : setting.read(given as never, setting.key)
  }
  return Object.freeze({
    optimizations: read(settings.topologyOptimization),
    defaultKeySerde: read(settings.defaultKeySerde),
    defaultValueSerde: read(settings.defaultValueSerde),
    dslStore: (read(settings.dslStoreSuppliers) as DslStoreType | undefined) ?? read(settings.defaultDslStore),
    cachingEnabled: read(settings.statestoreCacheMaxBytes) > 0,
    explicitNamesOnly: read(settings.ensureExplicitInternalResourceNaming),
    processorWrapper: read(settings.processorWrapper) as ProcessorWrapper | undefined,
    javaQuirks: read(settings.javaQuirks),
    windowChangelogAdditionalRetentionMs: read(settings.windowstoreChangelogAdditionalRetentionMs),
    topicDefaults: withPrefix(properties, 'topic.'),
    logger: read(settings.logger),
  })
}

function withPrefix(properties: StreamsProperties, prefix: string): Readonly<{ [key: string]: string }> {
  const found: { [key: string]: string } = {}
  for (const [key, value] of Object.entries(properties)) {
    if (key.startsWith(prefix)) found[key.slice(prefix.length)] = String(value)
  }
  return found
}
