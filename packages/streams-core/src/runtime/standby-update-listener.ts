import type { TopicPartition } from '../clients/consumer.ts'

/** Why a copy is not kept up to date any more: its task runs here now, or the copy is given up. */
export type StandbySuspendReason = 'PROMOTED' | 'MIGRATED'

/**
 * Told how standby copies follow their changelogs, store by store. Offsets are of the changelog.
 * @see org.apache.kafka.streams.processor.StandbyUpdateListener (KIP-988)
 */
export interface StandbyUpdateListener {
  onUpdateStart?(partition: TopicPartition, storeName: string, startingOffset: number): void
  /** `currentEndOffset`: -1 while it is not known. */
  onBatchLoaded?(
    partition: TopicPartition,
    storeName: string,
    taskId: string,
    batchEndOffset: number,
    batchSize: number,
    currentEndOffset: number,
  ): void
  onUpdateSuspended?(
    partition: TopicPartition,
    storeName: string,
    storeOffset: number,
    currentEndOffset: number,
    reason: StandbySuspendReason,
  ): void
}
