import type { Admin } from './admin.ts'
import type { Consumer } from './consumer.ts'
import type { GroupAssignor } from './group/group-assignor.ts'
import type { Producer } from './producer.ts'

/** What an adapter can do; the runtime refuses what it cannot, with a clear error. */
export interface ClientCapabilities {
  readonly transactions: boolean
  /**
   * What keeps a former owner of a task from committing its offsets: the group's generation (KIP-447), with one producer for all
   * tasks of a worker; or a transactional id for each task, with a producer of its own.
   */
  readonly fencing: 'group' | 'transactionalId'
  /** `assign` works without a group. */
  readonly manualAssignment: boolean
  /** Members hear what the assignor says beside the partitions. */
  readonly standbyTasks: boolean
  /** Members keep their assignments over a restart by `group.instance.id` (KIP-345). */
  readonly staticMembership: boolean
}

/** Settings of a client by Kafka's dotted names, without prefix; an adapter takes those that it knows. */
export type ClientSettings = Readonly<{ [key: string]: unknown }>

/** @see org.apache.kafka.streams.KafkaClientSupplier */
export interface KafkaClientSupplier {
  readonly supports: ClientCapabilities
  /** Without an assignor the members share partitions by their numbers. */
  consumer(options: {
    groupId: string
    clientId: string
    isolation: 'read_committed' | 'read_uncommitted'
    assignor?: GroupAssignor | undefined
    settings?: ClientSettings
  }): Consumer
  /** A consumer without a group, for restore and global tables. */
  restoreConsumer(options: {
    clientId: string
    isolation: 'read_committed' | 'read_uncommitted'
    settings?: ClientSettings
  }): Consumer
  producer(options: {
    clientId: string
    transactionalId: string | undefined
    transactionTimeoutMs: number
    settings?: ClientSettings
  }): Producer
  admin(options?: { clientId: string; settings?: ClientSettings }): Admin
}
