import type { RecordBatchReader } from '@millrace/kafka-protocol'
import type { ProducerIdentity } from '../../engine-requests.ts'
import type { PartitionLog } from '../../log/partition-log.ts'
import type { Time } from '../../time.ts'
import { CoordinatorLog, type CoordinatorRecord } from '../coordinator-log.ts'
import { GroupMetadataManager } from './group-metadata-manager.ts'
import { decodeGroup, decodeGroupKey } from './group-records.ts'
import { OffsetMetadataManager } from './offset-metadata-manager.ts'

/** `__consumer_offsets`: the log of both groups and committed offsets, and what it comes to. */
export class ConsumerOffsetsLog {
  readonly groups = new GroupMetadataManager()
  readonly offsets = new OffsetMetadataManager()
  readonly #log: CoordinatorLog

  /** `partition` is `__consumer_offsets-0`; what it holds is replayed. */
  constructor(partition: PartitionLog, time: Time) {
    this.#log = new CoordinatorLog(partition, time, (batch) => this.#replay(batch))
    this.#log.load()
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
        this.offsets.replayRecord(batch)
        continue
      }
      const record = value && decodeGroup(groupId, value)
      if (record !== undefined) this.groups.replay(groupId, record)
    }
  }
}
