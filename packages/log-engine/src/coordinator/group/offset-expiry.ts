import type { Time, Timer } from '../../time.ts'
import type { ConsumerGroup } from '../consumer-group/consumer-group.ts'
import { consumerGroupTombstones, encodeConsumerGroupRecord } from '../consumer-group/consumer-group-records.ts'
import type { CoordinatorRecord } from '../coordinator-log.ts'
import type { ClassicGroup } from './classic-group.ts'
import type { ConsumerOffsetsLog } from './consumer-offsets-log.ts'
import type { GroupConfig } from './group-config.ts'
import { groupTombstone } from './group-records.ts'
import type { CommittedOffsetEntry } from './offset-metadata-manager.ts'
import { encodeOffset } from './offset-records.ts'

/** What the expiry of offsets needs. */
export interface OffsetExpiryOptions {
  readonly log: ConsumerOffsetsLog
  readonly time: Time
  readonly config: GroupConfig
  readonly onWarning: (message: string) => void
}

/**
 * Removes offsets that nobody will come back for, and groups of which nothing is left:
 *
 * - of an empty group all, when it has been empty for the retention time;
 * - of a group that nobody ever joined each one, when it was committed so long ago;
 * - of a group of consumers, of either protocol, also those of topics that none of them reads any more.
 *
 * @see org.apache.kafka.coordinator.group.OffsetMetadataManager (cleanupExpiredOffsets)
 */
export class OffsetExpiry {
  readonly #options: OffsetExpiryOptions
  #timer: Timer | undefined

  constructor(options: OffsetExpiryOptions) {
    this.#options = options
    this.#arm()
  }

  /** Removes now what is due. */
  run(): void {
    const { offsets, groups } = this.#options.log
    const groupIds = new Set(offsets.groupIds())
    for (const { groupId } of groups.all()) groupIds.add(groupId)
    for (const groupId of this.#options.log.consumerGroups.keys()) groupIds.add(groupId)
    for (const groupId of groupIds) this.#options.log.append(this.#removals(groupId, groups.get(groupId)))
  }

  close(): void {
    this.#timer?.cancel()
  }

  #removals(groupId: string, group: ClassicGroup | undefined): CoordinatorRecord[] {
    const { offsets, consumerGroups } = this.#options.log
    const committed = offsets.offsets(groupId)
    const consumers = consumerGroups.get(groupId)
    const lastedSince = consumers === undefined ? sinceWhen(group) : sinceWhenOf(consumers)
    const limit = this.#options.time.now() - this.#options.config.offsetsRetentionMs
    const expired = committed.filter((offset) => lastedSince(offset) <= limit && !offsets.hasPending(groupId, offset))
    const records = expired.map(({ topic, partition }) => encodeOffset({ groupId, topic, partition }, null))
    const isForgotten = expired.length === committed.length && offsets.pending(groupId).length === 0
    if (isForgotten && group?.isInLog === true && group.state === 'Empty' && group.pendingMembers.size === 0) {
      records.push(groupTombstone(groupId))
    }
    if (isForgotten && consumers?.members.size === 0) {
      records.push(...consumerGroupTombstones(consumers).map(encodeConsumerGroupRecord))
    }
    return records
  }

  #arm(): void {
    this.#timer = this.#options.time.setTimer(this.#options.config.offsetsRetentionCheckIntervalMs, () => {
      try {
        this.run()
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error)
        this.#options.onWarning(`Committed offsets that have expired cannot be removed yet: ${reason}`)
      }
      this.#arm()
    })
  }
}

/** From when an offset's retention counts, Unix ms; from never while somebody may need it. */
function sinceWhen(group: ClassicGroup | undefined): (offset: CommittedOffsetEntry) => number {
  if (group === undefined || group.protocolType === '') return ({ commitTimestamp }) => commitTimestamp
  if (group.state === 'Empty') {
    return ({ commitTimestamp }) => (group.stateTimestamp >= 0 ? group.stateTimestamp : commitTimestamp)
  }
  const subscription = group.state === 'Stable' ? group.subscription() : undefined
  return ({ topic, commitTimestamp }) =>
    subscription === undefined || subscription.has(topic) ? Number.POSITIVE_INFINITY : commitTimestamp
}

function sinceWhenOf(group: ConsumerGroup): (offset: CommittedOffsetEntry) => number {
  const names = group.topicNames()
  return ({ topic, commitTimestamp }) => (names.has(topic) ? Number.POSITIVE_INFINITY : commitTimestamp)
}
