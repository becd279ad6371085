import { UNLIMITED_END } from '../windows/unlimited-windows.ts'
import type { InternalTopicPlan } from './processor-topology.ts'
import type { StoreFactory } from './store-factory.ts'
import type { TopologySettings } from './topology-settings.ts'

const common = { 'message.timestamp.type': 'CreateTime' }
const versionedCompactionLagMs = 24 * 60 * 60 * 1000
/** Java's greatest long: for ever. */
const forEver = '9223372036854775807'

/**
 * A repartition topic: kept until its records have been processed, when the application deletes them.
 * @see org.apache.kafka.streams.processor.internals.RepartitionTopicConfig
 */
export function repartitionTopic(
  name: string,
  partitions: number | undefined,
  settings: TopologySettings,
): InternalTopicPlan {
  const configs = { ...common, 'cleanup.policy': 'delete', 'segment.bytes': '52428800', 'retention.ms': '-1' }
  return { name, partitions, configs: { ...configs, ...settings.topicDefaults } }
}

/**
 * A changelog: compacted; of a window store also deleted after the retention; of a versioned store compacted after the history.
 * What the user gave for the store comes before what follows from its kind.
 * @see org.apache.kafka.streams.processor.internals.WindowedChangelogTopicConfig and its siblings
 */
export function changelogTopic(name: string, store: StoreFactory, settings: TopologySettings): InternalTopicPlan {
  const cleanupPolicy = store.kind === 'window' ? 'compact,delete' : 'compact'
  const configs: { [key: string]: string } = {
    ...common,
    'cleanup.policy': cleanupPolicy,
    ...settings.topicDefaults,
    ...store.logConfig,
  }
  if (store.kind === 'window' && store.logConfig['retention.ms'] === undefined) {
    configs['retention.ms'] = sum(store.retentionMs ?? 0, settings.windowChangelogAdditionalRetentionMs)
  }
  if (store.kind === 'versioned' && store.logConfig['min.compaction.lag.ms'] === undefined) {
    configs['min.compaction.lag.ms'] = sum(store.historyRetentionMs ?? 0, versionedCompactionLagMs)
  }
  return { name, partitions: undefined, configs }
}

function sum(retentionMs: number, moreMs: number): string {
  return retentionMs >= UNLIMITED_END - moreMs ? forEver : String(retentionMs + moreMs)
}
