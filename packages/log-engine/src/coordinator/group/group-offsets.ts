import { EngineError } from '../../engine-error.ts'
import type { CommittedOffset, OffsetToCommit, ProducerIdentity } from '../../engine-requests.ts'
import type { PartitionLog } from '../../log/partition-log.ts'
import type { Time } from '../../time.ts'
import { partitionName, type TopicPartition } from '../../topic-partition.ts'
import { CoordinatorLog } from '../coordinator-log.ts'
import { OffsetMetadataManager } from './offset-metadata-manager.ts'
import { encodeOffset } from './offset-records.ts'

/** Committed offsets: the requests on them, and their records in `__consumer_offsets`. */
export class GroupOffsets {
  readonly #log: CoordinatorLog
  readonly #time: Time
  readonly #offsets = new OffsetMetadataManager()

  /** `partition` is `__consumer_offsets-0`. */
  constructor(partition: PartitionLog, time: Time) {
    this.#log = new CoordinatorLog(partition, time, (batch) => this.#offsets.replay(batch))
    this.#time = time
    this.#log.load()
  }

  get partition(): PartitionLog {
    return this.#log.partition
  }

  /** Writes offsets; those of a producer count when its transaction commits. */
  commit(groupId: string, offsets: readonly OffsetToCommit[], producer?: ProducerIdentity): void {
    const commitTimestamp = this.#time.now()
    for (const offset of offsets) assertValid(groupId, offset)
    const records = offsets.map(({ topic, partition, offset, leaderEpoch = -1, metadata = '' }) =>
      encodeOffset({ groupId, topic, partition }, { offset, leaderEpoch, metadata, commitTimestamp }),
    )
    this.#log.append(records, producer)
  }

  /** @throws UNSTABLE_OFFSET_COMMIT */
  fetch(groupId: string, partitions: readonly TopicPartition[] | null, requireStable: boolean): CommittedOffset[] {
    const wanted = partitions ?? this.#offsets.offsets(groupId)
    return wanted.map(({ topic, partition }) => {
      if (requireStable && this.#offsets.hasPending(groupId, { topic, partition })) {
        throw new EngineError(
          'UNSTABLE_OFFSET_COMMIT',
          `Group '${groupId}' has offsets of ${topic}-${partition} in a transaction that is still open. Try again when it has ended.`,
        )
      }
      const found = this.#offsets.offset(groupId, { topic, partition })
      const { offset, leaderEpoch, metadata } = found ?? { offset: -1, leaderEpoch: -1, metadata: '' }
      return { topic, partition, offset, leaderEpoch, metadata }
    })
  }

  /** Ends a producer's transaction in this partition. */
  appendMarker(type: 'commit' | 'abort', producer: ProducerIdentity): void {
    this.#log.appendMarker(type, producer)
  }

  /** Forgets what was committed for a topic that is gone. */
  deleteTopic(topic: string): void {
    const records = [...this.#offsets.groupIds()].flatMap((groupId) =>
      this.#offsets
        .offsets(groupId)
        .filter((offset) => offset.topic === topic)
        .map(({ partition }) => encodeOffset({ groupId, topic, partition }, null)),
    )
    this.#log.append(records)
  }
}

function assertValid(groupId: string, offset: OffsetToCommit): void {
  if (Number.isSafeInteger(offset.offset) && offset.offset >= 0) return
  throw new EngineError(
    'INVALID_REQUEST',
    `Group '${groupId}' cannot commit offset ${offset.offset} for ${partitionName(offset)}: it must be a whole number of at least 0.`,
  )
}
