import type { Admin } from './admin.ts'
import type { Consumer } from './consumer.ts'
import type { GroupAssignor } from './group/group-assignor.ts'
import type { Producer } from './producer.ts'

/** What an adapter can do; the runtime refuses what it cannot, with a clear error. */
export interface ClientCapabilities {
  readonly transactions: boolean
  /** Offsets in a transaction are fenced by group metadata (KIP-447). */
  readonly fencesByGroupMetadata: boolean
  /** `assign` works without a group. */
  readonly manualAssignment: boolean
}

/** @see org.apache.kafka.streams.KafkaClientSupplier */
export interface KafkaClientSupplier {
  readonly supports: ClientCapabilities
  /** Without an assignor the members share partitions by their numbers. */
  consumer(options: {
    groupId: string
    clientId: string
    isolation: 'read_committed' | 'read_uncommitted'
    assignor?: GroupAssignor | undefined
  }): Consumer
  /** A consumer without a group, for restore and global tables. */
  restoreConsumer(options: { clientId: string; isolation: 'read_committed' | 'read_uncommitted' }): Consumer
  producer(options: { clientId: string; transactionalId: string | undefined; transactionTimeoutMs: number }): Producer
  admin(): Admin
}
