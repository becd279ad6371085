import type { RecordBatchReader } from '@millrace/kafka-protocol'
import { readControlRecord } from '@millrace/kafka-protocol'
import { partitionName, type TopicPartition } from '../../topic-partition.ts'
import { decodeOffset, decodeOffsetKey, type OffsetRecord, type OffsetRecordKey } from './offset-records.ts'

/** A committed offset and where in the log it was committed: the later position wins. */
export interface CommittedOffsetEntry extends OffsetRecord, TopicPartition {
  readonly logOffset: number
}

interface PendingOffset {
  readonly key: OffsetRecordKey
  /** null: the offset is removed. */
  readonly entry: CommittedOffsetEntry | null
}

/**
 * The committed offsets of all groups, and those of open transactions, which count from their commit marker on. Changed by
 * replaying batches only.
 * @see org.apache.kafka.coordinator.group.OffsetMetadataManager
 */
export class OffsetMetadataManager {
  readonly #groups = new Map<string, Map<string, CommittedOffsetEntry>>()
  readonly #pending = new Map<bigint, PendingOffset[]>()

  /** Takes in a batch of `__consumer_offsets`. */
  replay(batch: RecordBatchReader): void {
    if (batch.isControl) {
      this.#end(batch)
      return
    }
    while (batch.nextRecord()) {
      const key = batch.key && decodeOffsetKey(batch.key)
      if (!key) continue
      const value = batch.value && decodeOffset(batch.value)
      if (value === undefined) continue
      const { topic, partition } = key
      const entry = value && { ...value, topic, partition, logOffset: batch.offset }
      if (batch.isTransactional) this.#hold(batch.producerId, { key, entry })
      else this.#apply({ key, entry })
    }
  }

  /** Groups that have committed offsets. */
  groupIds(): Iterable<string> {
    return this.#groups.keys()
  }

  /** undefined when the group has committed none for the partition. */
  offset(groupId: string, topicPartition: TopicPartition): CommittedOffsetEntry | undefined {
    return this.#groups.get(groupId)?.get(partitionName(topicPartition))
  }

  /** All that the group has committed. */
  offsets(groupId: string): readonly CommittedOffsetEntry[] {
    return [...(this.#groups.get(groupId)?.values() ?? [])]
  }

  /** Whether an open transaction holds an offset of the group for the partition. */
  hasPending(groupId: string, { topic, partition }: TopicPartition): boolean {
    for (const offsets of this.#pending.values()) {
      if (offsets.some(({ key }) => key.groupId === groupId && key.topic === topic && key.partition === partition)) {
        return true
      }
    }
    return false
  }

  #hold(producerId: bigint, offset: PendingOffset): void {
    const held = this.#pending.get(producerId) ?? []
    held.push(offset)
    this.#pending.set(producerId, held)
  }

  #end(batch: RecordBatchReader): void {
    const held = this.#pending.get(batch.producerId)
    this.#pending.delete(batch.producerId)
    if (held !== undefined && readControlRecord(batch)?.type === 'commit')
      for (const offset of held) this.#apply(offset)
  }

  #apply({ key, entry }: PendingOffset): void {
    const offsets = this.#groups.get(key.groupId) ?? new Map<string, CommittedOffsetEntry>()
    const name = partitionName(key)
    if (entry === null) offsets.delete(name)
    else if (entry.logOffset >= (offsets.get(name)?.logOffset ?? -1)) offsets.set(name, entry)
    if (offsets.size === 0) this.#groups.delete(key.groupId)
    else this.#groups.set(key.groupId, offsets)
  }
}
