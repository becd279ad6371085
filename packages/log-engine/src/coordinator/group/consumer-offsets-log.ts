import type { RecordBatchReader } from '@millrace/kafka-protocol'
import type { ProducerIdentity } from '../../engine-requests.ts'
import type { PartitionLog } from '../../log/partition-log.ts'
import type { Time } from '../../time.ts'
import { ConsumerGroup } from '../consumer-group/consumer-group.ts'
import { type ConsumerGroupRecord, decodeConsumerGroupRecord } from '../consumer-group/consumer-group-records.ts'
import { CoordinatorLog, type CoordinatorRecord } from '../coordinator-log.ts'
import { GroupMetadataManager } from './group-metadata-manager.ts'
import { decodeGroup, decodeGroupKey } from './group-records.ts'
import { OffsetMetadataManager } from './offset-metadata-manager.ts'

/** `__consumer_offsets`: the log of groups of both protocols and of committed offsets, and what it comes to. */
export class ConsumerOffsetsLog {
  /** Those of the classic protocol. */
  readonly groups = new GroupMetadataManager()
  readonly offsets = new OffsetMetadataManager()
  readonly #consumerGroups = new Map<string, ConsumerGroup>()
  readonly #log: CoordinatorLog

  /** `partition` is `__consumer_offsets-0`; what it holds is replayed. */
  constructor(partition: PartitionLog, time: Time) {
    this.#log = new CoordinatorLog(partition, time, (batch) => this.#replay(batch))
    this.#log.load()
  }

  /** Those of the consumer group protocol, by id. */
  get consumerGroups(): ReadonlyMap<string, ConsumerGroup> {
    return this.#consumerGroups
  }

  get partition(): PartitionLog {
    return this.#log.partition
  }

  /** Appends records as one batch, in the producer's transaction when one is given. */
  append(records: readonly CoordinatorRecord[], producer?: ProducerIdentity): void {
    this.#log.append(records, producer)
  }

  /** Ends the producer's transaction in this partition. */
  appendMarker(type: 'commit' | 'abort', producer: ProducerIdentity): void {
    this.#log.appendMarker(type, producer)
  }

  #replay(batch: RecordBatchReader): void {
    if (batch.isControl) {
      this.offsets.replayMarker(batch)
      return
    }
    while (batch.nextRecord()) {
      const { key, value } = batch
      if (key === null) continue
      const groupId = decodeGroupKey(key)
      if (groupId === undefined) {
        const record = decodeConsumerGroupRecord(key, value)
        if (record === undefined) this.offsets.replayRecord(batch)
        else this.#replayConsumerGroup(record)
        continue
      }
      const record = value && decodeGroup(groupId, value)
      if (record !== undefined) this.groups.replay(groupId, record)
    }
  }

  /** What is said of a group that is gone, or is not there yet, is of no use when it only takes away. */
  #replayConsumerGroup(record: ConsumerGroupRecord): void {
    const { groupId, value } = record
    const group = this.#consumerGroups.get(groupId) ?? new ConsumerGroup(groupId)
    if (value !== null) this.#consumerGroups.set(groupId, group)
    if (!group.replay(record)) this.#consumerGroups.delete(groupId)
  }
}
