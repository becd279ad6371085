import type { CompressionTypes, Kafka } from 'kafkajs'
import { systemTime, type Time } from '../../time.ts'
import type { KafkaClientSupplier } from '../client-supplier.ts'
import { partitionAssignor } from '../group/partition-assignor.ts'
import type { NativeClientOptions } from '../native/native-client-options.ts'
import { nativeClientSupplier } from '../native/native-client-supplier.ts'
import { PartitionCounts } from '../native/partition-counts.ts'
import { KafkaJsConsumer } from './kafkajs-consumer.ts'
import { KafkaJsProducer } from './kafkajs-producer.ts'
import { TopicWidths } from './topic-widths.ts'

/** How kafkajs is used. Times are ms. */
export interface KafkaJsClientOptions {
  /**
   * The same cluster for what kafkajs cannot do: reading, committed offsets, topics. kafkajs does not tell where it connects, nor
   * as whom.
   */
  readonly native: NativeClientOptions
  /** Without a heartbeat for so long a member is dropped. Default 45 000. */
  readonly sessionTimeoutMs?: number
  /** Default 3000. */
  readonly heartbeatIntervalMs?: number
  /** Default 60 000. */
  readonly rebalanceTimeoutMs?: number
  /** Bytes of one partition in a request of a producer; below the `max.message.bytes` of the topics. Default 512 KiB. */
  readonly batchBytes?: number
  /** How long a record waits for others to share its request. Default 5. */
  readonly lingerMs?: number
  /** By kafkajs's `CompressionTypes`, whose codecs are registered with kafkajs. Default none. */
  readonly compression?: CompressionTypes
  /** How long a request is repeated. Default 30 000. */
  readonly retryTimeoutMs?: number
  /** Default: the wall clock. */
  readonly time?: Time
}

/**
 * Clients on a configured `new Kafka(…)` of kafkajs 2: it is the member of groups, commits offsets, and writes records and
 * transactions. Reading, topics and committed offsets go through native clients of the same cluster: kafkajs shows aborted records,
 * and hides committed ones, where the transactions of several producers overlap.
 *
 * At-least-once, and exactly-once with a transactional producer for each task, fenced by its transactional id. Rebalances are
 * eager, and partitions are lost, not revoked: what was done since the last commit is done again. There are no standby tasks
 * and no static members; topics that begin to match a pattern are seen by the next start; headers of one name are written one
 * after the other. kafkajs beats its heart on the event loop: a function that blocks it for a session time-out loses the membership.
 * @throws KafkaClientError INVALID_REQUEST when `native` names no address
 */
export function kafkaJsClientSupplier(kafka: Kafka, options: KafkaJsClientOptions): KafkaClientSupplier {
  const counts = new PartitionCounts()
  const native = nativeClientSupplier(options.native, counts)
  const { time = systemTime } = options
  const widths = new TopicWidths(counts, () => native.admin())
  return {
    supports: {
      transactions: true,
      fencing: 'transactionalId',
      manualAssignment: true,
      standbyTasks: false,
      staticMembership: false,
    },
    consumer: (consumer) =>
      new KafkaJsConsumer(kafka, {
        groupId: consumer.groupId,
        sessionTimeoutMs: options.sessionTimeoutMs ?? 45_000,
        heartbeatIntervalMs: options.heartbeatIntervalMs ?? 3000,
        rebalanceTimeoutMs: options.rebalanceTimeoutMs ?? 60_000,
        assignor: partitionAssignor(),
        widths,
        reader: native.consumer(consumer),
      }),
    restoreConsumer: (consumer) => native.restoreConsumer(consumer),
    producer: ({ transactionalId, transactionTimeoutMs }) =>
      new KafkaJsProducer(kafka, {
        transactionalId,
        transactionTimeoutMs,
        lingerMs: options.lingerMs ?? 5,
        batchBytes: options.batchBytes ?? 512 * 1024,
        compression: options.compression,
        retryTimeoutMs: options.retryTimeoutMs ?? 30_000,
        widths,
        time,
      }),
    admin: () => native.admin(),
  }
}
