import { EngineError } from '../../engine-error.ts'
import type { CommittedOffset, GroupMetadata, OffsetToCommit, ProducerIdentity } from '../../engine-requests.ts'
import type { Time } from '../../time.ts'
import { partitionName, type TopicPartition } from '../../topic-partition.ts'
import type { ConsumerGroupCoordinator } from '../consumer-group/consumer-group-coordinator.ts'
import type { TopicCatalog } from '../consumer-group/topic-catalog.ts'
import type { CoordinatorRecord } from '../coordinator-log.ts'
import { assertConsumerMayCommit, assertConsumerMayFetch, assertMayCommit } from './commit-check.ts'
import type { ConsumerOffsetsLog } from './consumer-offsets-log.ts'
import { groupNotFound, nonEmptyGroup } from './group-errors.ts'
import type { DeletedOffset } from './group-requests.ts'
import type { GroupSessions } from './group-sessions.ts'
import { encodeOffset } from './offset-records.ts'

/** What committed offsets need. */
export interface GroupOffsetsOptions {
  readonly log: ConsumerOffsetsLog
  readonly sessions: GroupSessions
  readonly consumers: ConsumerGroupCoordinator
  readonly topics: TopicCatalog
  readonly time: Time
}

/** The requests on committed offsets. */
export class GroupOffsets {
  readonly #log: ConsumerOffsetsLog
  readonly #sessions: GroupSessions
  readonly #consumers: ConsumerGroupCoordinator
  readonly #topics: TopicCatalog
  readonly #time: Time

  constructor({ log, sessions, consumers, topics, time }: GroupOffsetsOptions) {
    this.#log = log
    this.#sessions = sessions
    this.#consumers = consumers
    this.#topics = topics
    this.#time = time
  }

  /**
   * Whether `commit` would be accepted now.
   * @throws UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID, ILLEGAL_GENERATION, STALE_MEMBER_EPOCH, REBALANCE_IN_PROGRESS,
   *   INVALID_REQUEST
   */
  assertMayCommit(who: GroupMetadata, offsets: readonly OffsetToCommit[], isTransactional: boolean): void {
    const consumers = this.#log.consumerGroups.get(who.groupId)
    if (consumers === undefined) assertMayCommit(this.#log.groups.get(who.groupId), who, isTransactional)
    else assertConsumerMayCommit(consumers, who, offsets, isTransactional, this.#topics)
    for (const offset of offsets) assertValid(who.groupId, offset)
  }

  /** Writes offsets; those of a producer count when its transaction commits. A member that commits is alive. */
  commit(who: GroupMetadata, offsets: readonly OffsetToCommit[], producer?: ProducerIdentity): void {
    this.assertMayCommit(who, offsets, producer !== undefined)
    const { groupId } = who
    const commitTimestamp = this.#time.now()
    const records = offsets.map(({ topic, partition, offset, leaderEpoch = -1, metadata = '' }) =>
      encodeOffset({ groupId, topic, partition }, { offset, leaderEpoch, metadata, commitTimestamp }),
    )
    this.#log.append(records, producer)
    if (producer !== undefined) return
    const consumers = this.#log.consumerGroups.get(groupId)
    if (consumers !== undefined) this.#consumers.renew(consumers, who.memberId ?? '')
    const group = this.#log.groups.get(groupId)
    const member = group?.members.get(who.memberId ?? '')
    if (group === undefined || member === undefined) return
    if (group.state === 'Stable' || group.state === 'PreparingRebalance') this.#sessions.renew(group, member)
  }

  /** @throws UNSTABLE_OFFSET_COMMIT, UNKNOWN_MEMBER_ID, STALE_MEMBER_EPOCH */
  fetch(who: GroupMetadata, partitions: readonly TopicPartition[] | null, requireStable: boolean): CommittedOffset[] {
    const { offsets } = this.#log
    const { groupId } = who
    const consumers = this.#log.consumerGroups.get(groupId)
    if (consumers !== undefined) assertConsumerMayFetch(consumers, who)
    const wanted = partitions ?? offsets.offsets(groupId)
    return wanted.map(({ topic, partition }) => {
      if (requireStable && offsets.hasPending(groupId, { topic, partition })) {
        throw new EngineError(
          'UNSTABLE_OFFSET_COMMIT',
          `Group '${groupId}' has offsets of ${topic}-${partition} in a transaction that is still open. Try again when it has ended.`,
        )
      }
      const found = offsets.offset(groupId, { topic, partition })
      const { offset, leaderEpoch, metadata } = found ?? { offset: -1, leaderEpoch: -1, metadata: '' }
      return { topic, partition, offset, leaderEpoch, metadata }
    })
  }

  /** @throws GROUP_ID_NOT_FOUND, NON_EMPTY_GROUP */
  delete(groupId: string, partitions: readonly TopicPartition[]): readonly DeletedOffset[] {
    const { groups, consumerGroups, offsets } = this.#log
    const group = groups.get(groupId)
    const consumers = consumerGroups.get(groupId)
    if (group === undefined && consumers === undefined && !offsets.has(groupId)) throw groupNotFound(groupId)
    const names = consumers?.topicNames()
    const isRead = names === undefined ? topicsInUse(group) : (topic: string) => names.has(topic)
    if (isRead === undefined) throw nonEmptyGroup(groupId)
    const deletions = partitions.map(({ topic, partition }): DeletedOffset => {
      const error = isRead(topic) ? 'GROUP_SUBSCRIBED_TO_TOPIC' : 'NONE'
      return { topic, partition, error }
    })
    const deleted = deletions.filter(
      (one) => one.error === 'NONE' && (offsets.offset(groupId, one) !== undefined || offsets.hasPending(groupId, one)),
    )
    this.#log.append(tombstones(groupId, deleted))
    return deletions
  }

  /** The records that remove all offsets of a group, those in open transactions included. */
  tombstonesOf(groupId: string): readonly CoordinatorRecord[] {
    const { offsets } = this.#log
    return tombstones(groupId, [...offsets.offsets(groupId), ...offsets.pending(groupId)])
  }

  /** Forgets what was committed for a topic that is gone. */
  deleteTopic(topic: string): void {
    const { offsets } = this.#log
    const records = [...offsets.groupIds()].flatMap((groupId) => {
      const known = [...offsets.offsets(groupId), ...offsets.pending(groupId)]
      return tombstones(
        groupId,
        known.filter((offset) => offset.topic === topic),
      )
    })
    this.#log.append(records)
  }
}

/** Whether members of the group read a topic; undefined for a group with members whose topics cannot be known. */
function topicsInUse(group: ReturnType<ConsumerOffsetsLog['groups']['get']>): ((topic: string) => boolean) | undefined {
  if (group === undefined || group.state === 'Empty') return () => false
  if (!group.usesConsumerProtocol) return undefined
  const subscription = group.subscription()
  return (topic) => subscription?.has(topic) ?? true
}

function tombstones(groupId: string, partitions: readonly TopicPartition[]): CoordinatorRecord[] {
  return partitions.map(({ topic, partition }) => encodeOffset({ groupId, topic, partition }, null))
}

function assertValid(groupId: string, offset: OffsetToCommit): void {
  // Kafka takes negative ones too: clients commit -1 and -2 to say that nothing is committed.
  if (Number.isSafeInteger(offset.offset)) return
  throw new EngineError(
    'INVALID_REQUEST',
    `Group '${groupId}' cannot commit offset ${offset.offset} for ${partitionName(offset)}: it must be a whole number.`,
  )
}
