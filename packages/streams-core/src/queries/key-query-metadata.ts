import { partitionForKey } from '@millrace/kafka-protocol'
import type { Serde } from '@millrace/serdes'
import type { TopicPartition } from '../clients/consumer.ts'
import { InvalidStateStoreError } from '../errors.ts'
import { MeteredStore } from '../state/metered-store.ts'
import type { StreamPartitioner } from '../topology/extension-points.ts'
import type { NodePlan, ProcessorTopology } from '../topology/processor-topology.ts'
import type { HostInfo } from './host-info.ts'
import type { LocalStores } from './local-stores.ts'
import { StateStoreNotAvailableError } from './query-error.ts'
import type { QueryHost } from './query-host.ts'
import type { StreamsMetadata } from './streams-metadata.ts'

/** Who has a key. @see org.apache.kafka.streams.KeyQueryMetadata */
export interface KeyQueryMetadata {
  /** The instance whose task owns the key's partition; undefined when none is known, or it has no `application.server`. */
  readonly activeHost: HostInfo | undefined
  /** Instances that keep a copy. */
  readonly standbyHosts: readonly HostInfo[]
  /** -1 for a global store, which every instance has whole. */
  readonly partition: number
}

/** How a key finds its partition: the serde of the topic's keys, or the partitioner of what writes the topic. */
export type KeyPartitioning<K> = Serde<K> | StreamPartitioner<K, null>

/**
 * Finds a key's partition and its owner among the instances.
 * @throws UnknownStateStoreError, StateStoreNotAvailableError before the partitions are known, InvalidStateStoreError when the
 *   partitioner does not give exactly one partition
 */
export function keyQueryMetadata<K>(
  host: QueryHost,
  stores: LocalStores,
  instances: readonly StreamsMetadata[],
  storeName: string,
  key: K,
  by: KeyPartitioning<K> = keySerdeOf(stores, storeName) as Serde<K>,
): KeyQueryMetadata {
  const { subtopologyId } = stores.declaration(storeName)
  if (subtopologyId === undefined) return { activeHost: host.applicationServer, standbyHosts: [], partition: -1 }
  const sources = sourcesOf(host, storeName, subtopologyId)
  if (sources === undefined) {
    throw new StateStoreNotAvailableError(
      storeName,
      `Where the keys of store '${storeName}' are is not known before the application has started. Try again.`,
    )
  }
  const partition = partitionOf(storeName, key, by, sources)
  const reads = (names: readonly string[], partitions: readonly TopicPartition[]): boolean =>
    names.includes(storeName) && partitions.some((input) => input.partition === partition && sources.has(input.topic))
  const owner = instances.find(({ stateStoreNames, topicPartitions }) => reads(stateStoreNames, topicPartitions))
  const standbyHosts = instances.flatMap(({ hostInfo, standbyStateStoreNames, standbyTopicPartitions }) =>
    hostInfo !== undefined && reads(standbyStateStoreNames, standbyTopicPartitions) ? [hostInfo] : [],
  )
  return { activeHost: owner?.hostInfo, standbyHosts, partition }
}

/** The serde of a store's keys. @throws InvalidStateStoreError for a store that is not of this library */
export function keySerdeOf(stores: LocalStores, storeName: string): Serde<unknown> {
  const store = stores.declaration(storeName).builder.build()
  if (store instanceof MeteredStore) return store.keySerde
  throw new InvalidStateStoreError(
    storeName,
    `How store '${storeName}' writes its keys is not known, because it is a store of your own. Give the key's serde.`,
  )
}

function partitionOf<K>(
  storeName: string,
  key: K,
  by: KeyPartitioning<K>,
  sources: ReadonlyMap<string, number>,
): number {
  const count = Math.max(...sources.values())
  const [topic = ''] = sources.keys()
  if (typeof by !== 'function') return partitionForKey(by.serialize(topic, key) ?? new Uint8Array(), count)
  const chosen = by(topic, key, null, count)
  const [partition, ...others] = Array.isArray(chosen) ? (chosen as number[]) : [chosen as number | undefined]
  if (partition !== undefined && others.length === 0) return partition
  throw new InvalidStateStoreError(
    storeName,
    `The partitioner gives ${String(chosen)} for the key, where one partition is needed to find it in store '${storeName}'.`,
  )
}

/** The topics whose records reach the store, with their partition counts. */
function sourcesOf(host: QueryHost, storeName: string, subtopologyId: number): ReadonlyMap<string, number> | undefined {
  const plan = host.partitionPlan()
  if (plan === undefined) return undefined
  const tasks = plan.tasks.filter(({ subtopology }) => subtopology.topology.subtopologyId === subtopologyId)
  const topology = tasks[0]?.subtopology.topology
  if (topology === undefined) return undefined
  const reaching = sourcesReaching(topology, storeName)
  const counts = new Map<string, number>()
  for (const { inputPartitions } of tasks) {
    for (const { topic, partition } of inputPartitions) {
      const isSource = reaching.some((node) => node.topics.includes(topic) || node.pattern?.test(topic) === true)
      if (isSource) counts.set(topic, Math.max(counts.get(topic) ?? 0, partition + 1))
    }
  }
  return counts.size === 0 ? undefined : counts
}

function sourcesReaching({ nodes }: ProcessorTopology, storeName: string): (NodePlan & { readonly kind: 'source' })[] {
  const reaches = new Set<string>()
  // Children come after their parents: backwards, each node's children are judged before it.
  for (const node of [...nodes].reverse()) {
    const has = node.kind === 'processor' && node.storeNames.includes(storeName)
    if (has || node.children.some((child) => reaches.has(child))) reaches.add(node.name)
  }
  return nodes.filter(
    (node): node is NodePlan & { readonly kind: 'source' } => node.kind === 'source' && reaches.has(node.name),
  )
}
