import type { Admin } from '../clients/admin.ts'
import { parseStreamsConfig, type StreamsProperties } from '../streams-config.ts'
import type { PlannedTopology, TopologyPlan } from '../topology/processor-topology.ts'
import { findPartitions } from './internal-topic-manager.ts'
import { isInternalTopicOf } from './internal-topic-names.ts'
import { requireApplicationId } from './partition-plan.ts'
import { readTopologyRecords, topologyRecord } from './topology-record.ts'

/**
 * What would become of one store or internal topic if the application were started now:
 *
 * | change | |
 * |---|---|
 * | `kept` | it is there, and goes on |
 * | `created` | it is not there yet |
 * | `orphaned` | the last run left it, and the topology does not use it: its data stay where they are, unread |
 * | `conflict` | it is there in a shape that the topology cannot use: the start would fail |
 */
export interface TopologyChange {
  readonly kind: 'store' | 'topic'
  readonly name: string
  readonly change: 'kept' | 'created' | 'orphaned' | 'conflict'
  readonly note: string
}

/**
 * Compares a topology with what its last run has left in the state directory and on the cluster. Nothing is changed.
 * `admin` undefined: there is no cluster yet.
 * @throws StreamsConfigError, TopologyError, MissingSourceTopicError
 */
export async function topologyChanges(
  topology: PlannedTopology,
  properties: StreamsProperties,
  admin: Admin | undefined,
): Promise<readonly TopologyChange[]> {
  const { applicationId, stateDir } = parseStreamsConfig(properties)
  const plan = topology.plan(requireApplicationId(applicationId), properties)
  const last = readTopologyRecords(stateDir, applicationId)
  const widths = admin === undefined ? new Map<string, number>() : await internalTopicWidths(admin, applicationId)
  const wanted = admin === undefined ? new Map<string, number>() : await wantedWidths(admin, plan)
  const before = new Map(last.flatMap(({ stores }) => stores).map((store) => [store.name, store]))
  for (const topic of widths.keys()) {
    const name = storeOf(topic, applicationId)
    if (name !== undefined && !before.has(name)) before.set(name, { name, changelog: topic })
  }
  const now = topologyRecord(plan)
  const stores = now.stores.map(({ name, subtopologyId }): TopologyChange => {
    const former = before.get(name)
    if (former === undefined) return { kind: 'store', name, change: 'created', note: '' }
    const hasMoved = former.subtopologyId !== undefined && former.subtopologyId !== subtopologyId
    const note = hasMoved
      ? `moves from subtopology ${former.subtopologyId} to ${subtopologyId}: restored from its changelog`
      : ''
    return { kind: 'store', name, change: 'kept', note }
  })
  const topics = now.internalTopics.map((name) => topicChange(name, widths.get(name), wanted.get(name)))
  const used = new Set([...now.stores.map(({ name }) => name), ...now.internalTopics])
  const orphans: TopologyChange[] = []
  for (const { name, changelog } of before.values()) {
    if (used.has(name)) continue
    const note = changelog === null ? 'its local state is not used any more' : `its data are in ${changelog}`
    orphans.push({ kind: 'store', name, change: 'orphaned', note })
  }
  for (const name of widths.keys()) {
    if (!used.has(name)) orphans.push({ kind: 'topic', name, change: 'orphaned', note: '' })
  }
  return [...stores, ...topics, ...orphans]
}

function topicChange(name: string, width: number | undefined, wanted: number | undefined): TopologyChange {
  if (width === undefined) return { kind: 'topic', name, change: 'created', note: '' }
  if (wanted === undefined || wanted === width) return { kind: 'topic', name, change: 'kept', note: '' }
  const note = `has ${width} partitions, and ${wanted} are needed: reset the application, or choose another application.id`
  return { kind: 'topic', name, change: 'conflict', note }
}

async function internalTopicWidths(admin: Admin, applicationId: string): Promise<ReadonlyMap<string, number>> {
  const names = (await admin.listTopics()).filter((name) => isInternalTopicOf(applicationId, name))
  const found = await admin.describeTopics(names)
  return new Map([...found.values()].map(({ name, partitions }) => [name, partitions]))
}

async function wantedWidths(admin: Admin, plan: TopologyPlan): Promise<ReadonlyMap<string, number>> {
  const { internalTopics } = await findPartitions(admin, plan)
  return new Map(internalTopics.map(({ name, partitions }) => [name, partitions]))
}

function storeOf(topic: string, applicationId: string): string | undefined {
  return topic.endsWith('-changelog') ? topic.slice(applicationId.length + 1, -'-changelog'.length) : undefined
}
