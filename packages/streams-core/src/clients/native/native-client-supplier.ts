import { bootstrapAddresses, Cluster, type SaslOptions, systemTime, type Time } from '@millrace/kafka-client'
import type { CompressionType } from '@millrace/kafka-protocol'
import type { ClientSettings, KafkaClientSupplier } from '../client-supplier.ts'
import type { GroupAssignor } from '../group/group-assignor.ts'
import { partitionAssignor } from '../group/partition-assignor.ts'
import { NativeAdmin } from './native-admin.ts'
import { NativeConsumer } from './native-consumer.ts'
import { NativeProducer } from './native-producer.ts'
import { nativeOptions } from './native-settings.ts'
import { PartitionCounts } from './partition-counts.ts'

/** Where a Kafka cluster is, and how it is used. Times are ms. */
export interface NativeClientOptions {
  /** `host:port`, several with commas. */
  readonly bootstrapServers: string
  /** Stands before the client ids that the runtime gives. */
  readonly clientId?: string
  /** `true` trusts the certificate authorities of Node; PEM texts otherwise. */
  readonly tls?: boolean | { readonly ca?: string; readonly key?: string; readonly cert?: string }
  readonly sasl?: SaslOptions
  /** For a connection and for an answer. Default 30 000. */
  readonly requestTimeoutMs?: number
  /** How long a call is repeated after errors that may pass. Default 30 000. */
  readonly retryTimeoutMs?: number
  /** Without a heartbeat for so long a member is dropped. Default 45 000. */
  readonly sessionTimeoutMs?: number
  /** Default 3000. */
  readonly heartbeatIntervalMs?: number
  /** How long a rebalance waits for a member to give its partitions back. Default 300 000. */
  readonly rebalanceTimeoutMs?: number
  /** Bytes that one fetch may bring. Default 50 MiB. */
  readonly fetchMaxBytes?: number
  /** Bytes of one partition in a fetch. Default 1 MiB. */
  readonly maxPartitionFetchBytes?: number
  /** Bytes at which a batch is full. Default 64 KiB. */
  readonly batchBytes?: number
  /** Bytes that a producer may hold before its tasks wait for it; one record's results may go beyond. Default 32 MiB. */
  readonly bufferMemoryBytes?: number
  /** How long a record waits for others to share its batch. Default 5. */
  readonly lingerMs?: number
  /** Requests of a producer under way to one broker, at most 5 (brokers remember so many batches). Default 5. */
  readonly maxInFlightRequests?: 1 | 2 | 3 | 4 | 5
  /** Default `none`. */
  readonly compression?: CompressionType
  /** How long a batch is tried. Default 120 000. */
  readonly deliveryTimeoutMs?: number
  /** Names a member over restarts (`group.instance.id`); one for each thread. Default: none. */
  readonly groupInstanceId?: string
  /** Default: the wall clock. */
  readonly time?: Time
}

/**
 * Clients that speak Kafka's protocol: to a real cluster, or to the bundled broker.
 * @throws KafkaClientError INVALID_REQUEST for a text that names no address
 */
export function nativeClientSupplier(
  options: NativeClientOptions,
  /** Shared with clients of another adapter. */
  counts = new PartitionCounts(),
): KafkaClientSupplier {
  bootstrapAddresses(options.bootstrapServers)
  const { time = systemTime } = options
  const withDefaults = (settings: ClientSettings | undefined) => ({
    ...defaults,
    ...nativeOptions(settings),
    ...options,
  })
  const cluster = (
    clientId: string,
    { tls, sasl, requestTimeoutMs, retryTimeoutMs }: ReturnType<typeof withDefaults>,
    onThread = false,
  ) =>
    new Cluster({
      onThread,
      bootstrap: options.bootstrapServers,
      clientId: options.clientId === undefined ? clientId : `${options.clientId}-${clientId}`,
      requestTimeoutMs,
      retryTimeoutMs,
      time,
      ...(tls === undefined ? {} : { tls }),
      ...(sasl === undefined ? {} : { sasl }),
    })
  const consumer = (
    { clientId, isolation, settings }: Parameters<KafkaClientSupplier['restoreConsumer']>[0],
    groupId: string | undefined,
    assignor: GroupAssignor = partitionAssignor(),
  ) => {
    const tuned = withDefaults(settings)
    return new NativeConsumer(cluster(clientId, tuned), cluster(clientId, tuned), {
      ...tuned,
      groupId,
      groupInstanceId: tuned.groupInstanceId,
      assignor,
      isolation,
      maxBytes: tuned.fetchMaxBytes,
      maxPartitionBytes: tuned.maxPartitionFetchBytes,
      newThreadCluster: () => cluster(clientId, tuned, true),
      counts,
      time,
    })
  }
  return {
    supports: {
      transactions: true,
      fencing: 'group',
      manualAssignment: true,
      standbyTasks: true,
      staticMembership: true,
    },
    consumer: (consumerOptions) => consumer(consumerOptions, consumerOptions.groupId, consumerOptions.assignor),
    restoreConsumer: (consumerOptions) => consumer(consumerOptions, undefined),
    producer: ({ clientId, transactionalId, transactionTimeoutMs, settings }) => {
      const tuned = withDefaults(settings)
      return new NativeProducer(cluster(clientId, tuned), {
        ...tuned,
        transactionalId,
        transactionTimeoutMs,
        maxInFlight: tuned.maxInFlightRequests,
        counts,
        time,
      })
    },
    admin: ({ clientId, settings } = { clientId: 'admin' }) =>
      new NativeAdmin(cluster(clientId, withDefaults(settings)), counts),
  }
}

/** What holds where neither the options nor the settings of the application say otherwise. */
const defaults = {
  requestTimeoutMs: 30_000,
  retryTimeoutMs: 30_000,
  sessionTimeoutMs: 45_000,
  heartbeatIntervalMs: 3000,
  rebalanceTimeoutMs: 300_000,
  fetchMaxBytes: 52_428_800,
  maxPartitionFetchBytes: 1_048_576,
  batchBytes: 64 * 1024,
  bufferMemoryBytes: 33_554_432,
  lingerMs: 5,
  maxInFlightRequests: 5,
  compression: 'none',
  deliveryTimeoutMs: 120_000,
} as const satisfies Partial<NativeClientOptions>
