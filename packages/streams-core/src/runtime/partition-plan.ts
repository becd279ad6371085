import type { TopicPartition } from '../clients/consumer.ts'
import { MissingSourceTopicError, StreamsConfigError, TopologyError } from '../errors.ts'
import type { InternalTopicPlan, SubtopologyPlan, TopologyPlan } from '../topology/processor-topology.ts'
import { matchesWhole } from './node-graph.ts'

/** An internal topic with its number of partitions settled. */
export interface InternalTopic {
  readonly name: string
  readonly partitions: number
  readonly configs: Readonly<{ [key: string]: string }>
}

/** One task that the application has: `<subtopology>_<partition>` with the partitions it reads. */
export interface TaskPlan {
  readonly id: string
  readonly subtopology: SubtopologyPlan
  readonly partition: number
  readonly inputPartitions: readonly TopicPartition[]
}

/** How an application is cut into tasks over the topics as they are. */
export interface PartitionPlan {
  readonly internalTopics: readonly InternalTopic[]
  readonly tasks: readonly TaskPlan[]
  /** All topics that tasks read, repartition topics included. */
  readonly sourceTopics: readonly string[]
}

/**
 * Settles the partitions of repartition topics (as many as the widest source of what writes them, unless the user set a
 * number or co-partitioning asks for another), checks that co-partitioned topics agree, and cuts subtopologies into tasks.
 *
 * `counts`: partitions of the topics that exist.
 *
 * @throws MissingSourceTopicError, TopologyError for topics whose partitions do not agree
 * @see org.apache.kafka.streams.processor.internals.RepartitionTopics, CopartitionedTopicsEnforcer, PartitionGrouper
 */
export function planPartitions(plan: TopologyPlan, counts: ReadonlyMap<string, number>): PartitionPlan {
  const repartition = new Map<string, InternalTopicPlan>()
  for (const { repartitionSourceTopics } of plan.subtopologies) {
    for (const topic of repartitionSourceTopics) repartition.set(topic.name, topic)
  }
  const sources = new Map(plan.subtopologies.map((subtopology) => [subtopology, sourceTopicsOf(subtopology, counts)]))
  const missing = [...sources.values()].flat().filter((topic) => !counts.has(topic) && !repartition.has(topic))
  if (missing.length > 0) throw new MissingSourceTopicError([...new Set(missing)])

  const settled = new Map<string, number>()
  for (const [topic, count] of counts) if (!repartition.has(topic)) settled.set(topic, count)
  for (const topic of repartition.values())
    if (topic.partitions !== undefined) settled.set(topic.name, topic.partitions)
  settleRepartitionTopics(plan, repartition, sources, settled)
  for (const { copartitionGroups } of plan.subtopologies) {
    for (const group of copartitionGroups) enforceCopartitioning(group, repartition, settled)
  }

  const tasks: TaskPlan[] = []
  const internalTopics: InternalTopic[] = [...repartition.values()].map(({ name, configs }) => ({
    name,
    partitions: settled.get(name)!,
    configs,
  }))
  for (const subtopology of plan.subtopologies) {
    const topics = sources.get(subtopology)!
    const width = Math.max(0, ...topics.map((topic) => settled.get(topic)!))
    for (let partition = 0; partition < width; partition += 1) {
      tasks.push({
        id: `${subtopology.topology.subtopologyId}_${partition}`,
        subtopology,
        partition,
        inputPartitions: topics
          .filter((topic) => partition < settled.get(topic)!)
          .map((topic) => ({ topic, partition })),
      })
    }
    for (const { name, configs } of subtopology.changelogTopics)
      internalTopics.push({ name, partitions: width, configs })
  }
  return { internalTopics, tasks, sourceTopics: [...new Set([...sources.values()].flat())] }
}

function sourceTopicsOf(subtopology: SubtopologyPlan, counts: ReadonlyMap<string, number>): string[] {
  const matched = [...counts.keys()].filter((topic) =>
    subtopology.sourcePatterns.some((pattern) => matchesWhole(pattern, topic)),
  )
  return [...new Set([...subtopology.sourceTopics, ...matched.sort()])]
}

/**
 * Repeats until all are settled: a repartition topic may feed a subtopology that writes the next one. Where topics wait for one
 * another (the two topics of a foreign-key join do), what is known decides, as in Java.
 */
function settleRepartitionTopics(
  plan: TopologyPlan,
  repartition: ReadonlyMap<string, InternalTopicPlan>,
  sources: ReadonlyMap<SubtopologyPlan, readonly string[]>,
  settled: Map<string, number>,
): void {
  const upstreamOf = (topic: string): readonly string[] => {
    const writers = plan.subtopologies.filter((subtopology) => subtopology.repartitionSinkTopics.includes(topic))
    return writers.flatMap((writer) => sources.get(writer)!)
  }
  for (;;) {
    const open = [...repartition.keys()].filter((topic) => !settled.has(topic))
    if (open.length === 0) return
    const whole = open.filter((topic) => upstreamOf(topic).every((source) => settled.has(source)))
    const next =
      whole.length > 0 ? whole : open.filter((topic) => upstreamOf(topic).some((source) => settled.has(source)))
    if (next.length === 0) {
      throw new TopologyError(
        `The number of partitions of ${open.map((topic) => `'${topic}'`).join(', ')} depends on itself. Give one of them a number with repartition({ numberOfPartitions }).`,
      )
    }
    const counts = next.map((topic) => Math.max(1, ...upstreamOf(topic).map((source) => settled.get(source) ?? 0)))
    for (const [index, topic] of next.entries()) settled.set(topic, counts[index]!)
  }
}

function enforceCopartitioning(
  group: readonly string[],
  repartition: ReadonlyMap<string, InternalTopicPlan>,
  settled: Map<string, number>,
): void {
  const fixed = group.filter((topic) => repartition.get(topic)?.partitions !== undefined || !repartition.has(topic))
  const widths = new Set(fixed.map((topic) => settled.get(topic)!))
  if (widths.size > 1) {
    const list = fixed.map((topic) => `'${topic}' has ${settled.get(topic)}`).join(', ')
    throw new TopologyError(
      `Topics that are joined must have equal numbers of partitions: ${list}. Repartition one side, or make the topics equal.`,
    )
  }
  const [width = Math.max(...group.map((topic) => settled.get(topic)!))] = widths
  for (const topic of group) if (repartition.has(topic)) settled.set(topic, width)
}

/** @throws StreamsConfigError when there is no application id */
export function requireApplicationId(applicationId: string): string {
  if (!/^[a-zA-Z0-9._-]{1,200}$/.test(applicationId)) {
    throw new StreamsConfigError(
      'application.id',
      `Setting 'application.id' is '${applicationId}'; it must have 1 to 200 of the characters a-z A-Z 0-9 . _ -, because topics are named after it.`,
    )
  }
  return applicationId
}
