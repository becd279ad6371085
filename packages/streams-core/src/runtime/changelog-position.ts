import type { ChangelogPosition } from '@millrace/state-stores'
import type { Admin } from '../clients/admin.ts'
import type { OffsetAndMetadata, TopicPartition } from '../clients/consumer.ts'
import { assert } from '../errors.ts'
import type { TaskPlan } from './partition-plan.ts'

/** A store's changelog partition as it is now: what positions in it are judged by. */
export interface ChangelogState {
  readonly partition: TopicPartition
  /** The changelog is an input topic of the task: its end is the committed offset. */
  readonly isSource: boolean
  readonly topicId: string
  /** -1: not known. */
  readonly leaderEpoch: number
  readonly earliest: number
  /** Up to which offset, exclusive, the store is to be restored. */
  readonly endOffset: number
}

/** Asks for the state of a store's changelog. `committed`: the task's committed input offsets. */
export async function changelogState(
  admin: Admin,
  plan: TaskPlan,
  storeName: string,
  topic: string,
  committed: ReadonlyMap<TopicPartition, OffsetAndMetadata>,
): Promise<ChangelogState> {
  const partition = { topic, partition: plan.partition }
  const [description] = (await admin.describeTopics([topic])).values()
  assert(description !== undefined, `Changelog topic '${topic}' of store '${storeName}' does not exist.`)
  const isSource = plan.inputPartitions.some((input) => input.topic === topic)
  return {
    partition,
    isSource,
    topicId: description.topicId,
    leaderEpoch: (await admin.leaderEpochs([partition])).get(partition) ?? -1,
    earliest: (await admin.earliestOffsets([partition])).get(partition)!,
    endOffset: isSource
      ? committedOffsetOf(committed, partition)
      : // Not the last stable offset: the markers of a commit that is acknowledged may still be on their way.
        (await admin.endOffsets([partition], 'read_uncommitted')).get(partition)!,
  }
}

/** The state of a partition that a store is filled from to its end. */
export async function changelogStateOf(admin: Admin, partition: TopicPartition): Promise<ChangelogState> {
  const [description] = (await admin.describeTopics([partition.topic])).values()
  assert(description !== undefined, `Topic '${partition.topic}' does not exist.`)
  return {
    partition,
    isSource: false,
    topicId: description.topicId,
    leaderEpoch: (await admin.leaderEpochs([partition])).get(partition) ?? -1,
    earliest: (await admin.earliestOffsets([partition])).get(partition)!,
    endOffset: (await admin.endOffsets([partition], 'read_uncommitted')).get(partition)!,
  }
}

/**
 * Why a store that stands at a position cannot be brought up to date by the rest of its changelog; undefined: it can, because
 * the changelog
 *
 * - is the same topic (topic id),
 * - still holds the history in which the position was written (leader epoch),
 * - still holds the record at the position, and
 * - has not forgotten deletions since (`delete.retention.ms`).
 */
export async function whyInvalid(
  admin: Admin,
  nowMs: number,
  changelog: ChangelogState,
  position: ChangelogPosition,
): Promise<string | undefined> {
  const { partition, isSource, topicId, leaderEpoch, earliest, endOffset } = changelog
  const { offset } = position
  if (position.topicId !== topicId) return `the topic was made anew (id ${topicId}, local data has ${position.topicId})`
  if (offset < earliest) return `its position ${offset} was deleted (the log starts at ${earliest})`
  if (offset > endOffset)
    return `its position ${offset} is beyond ${isSource ? 'the committed offset' : 'the end'} ${endOffset}`
  if (position.leaderEpoch !== leaderEpoch) {
    const end = await admin.epochEndOffset(partition, position.leaderEpoch)
    if (end < offset) return `its position ${offset} of leader epoch ${position.leaderEpoch} was cut off`
  }
  const configs = await admin.topicConfigs(partition.topic)
  const deleteRetentionMs = Number(configs['delete.retention.ms'] ?? 86_400_000)
  const age = nowMs - position.timestamp
  if (age > deleteRetentionMs)
    return `it is ${Math.round(age / 1000)} s old, and deletions may be forgotten after ${deleteRetentionMs} ms`
  return undefined
}

/** The committed offset of an input; 0 when there is none. */
export function committedOffsetOf(
  committed: ReadonlyMap<TopicPartition, OffsetAndMetadata>,
  { topic, partition }: TopicPartition,
): number {
  for (const [key, { offset }] of committed) if (key.topic === topic && key.partition === partition) return offset
  return 0
}
