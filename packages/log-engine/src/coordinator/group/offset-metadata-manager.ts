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

  /** Takes in the record at which `batch` stands; records of other kinds are ignored. */
  replayRecord(batch: RecordBatchReader): void {
    const key = batch.key && decodeOffsetKey(batch.key)
    if (!key) return
    const value = batch.value && decodeOffset(batch.value)
    if (value === undefined) return
    const { topic, partition } = key
    const entry = value && { ...value, topic, partition, logOffset: batch.offset }
    if (batch.isTransactional) this.#hold(batch.producerId, { key, entry })
    else {
      if (entry === null) this.#dropPending(key)
      this.#apply({ key, entry })
    }
  }

  /** Takes in the end of a producer's transaction. */
  replayMarker(batch: RecordBatchReader): void {
    const held = this.#pending.get(batch.producerId)
    this.#pending.delete(batch.producerId)
    if (held !== undefined && readControlRecord(batch)?.type === 'commit')
      for (const offset of held) this.#apply(offset)
  }

  /** Groups that have offsets, committed or in open transactions. */
  groupIds(): ReadonlySet<string> {
    const groupIds = new Set(this.#groups.keys())
    for (const held of this.#pending.values()) for (const { key } of held) groupIds.add(key.groupId)
    return groupIds
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
    const sought = { groupId, topic, partition }
    for (const held of this.#pending.values()) if (held.some(({ key }) => isSameOffset(key, sought))) return true
    return false
  }

  /** What open transactions hold of the group's offsets. */
  pending(groupId: string): readonly TopicPartition[] {
    const found: OffsetRecordKey[] = []
    for (const held of this.#pending.values()) for (const { key } of held) if (key.groupId === groupId) found.push(key)
    return found
  }

  /** Whether anything is known of the group, committed or in an open transaction. */
  has(groupId: string): boolean {
    return this.#groups.has(groupId) || this.pending(groupId).length > 0
  }

  #hold(producerId: bigint, offset: PendingOffset): void {
    const held = this.#pending.get(producerId) ?? []
    held.push(offset)
    this.#pending.set(producerId, held)
  }

  /** What is removed stays removed when a transaction that wrote it before commits. */
  #dropPending(key: OffsetRecordKey): void {
    for (const [producerId, held] of this.#pending) {
      this.#pending.set(
        producerId,
        held.filter((offset) => !isSameOffset(offset.key, key)),
      )
    }
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

function isSameOffset(a: OffsetRecordKey, b: OffsetRecordKey): boolean {
  return a.groupId === b.groupId && a.topic === b.topic && a.partition === b.partition
}
