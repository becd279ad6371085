import { bootstrapAddresses, Cluster, systemTime } from '@millrace/kafka-client'
import type { ClientSettings, KafkaClientSupplier } from '../client-supplier.ts'
import type { GroupAssignor } from '../group/group-assignor.ts'
import { partitionAssignor } from '../group/partition-assignor.ts'
import { NativeAdmin } from './native-admin.ts'
import type { NativeClientOptions } from './native-client-options.ts'
import { NativeConsumer } from './native-consumer.ts'
import { NativeProducer } from './native-producer.ts'
import { nativeOptions } from './native-settings.ts'
import { PartitionCounts } from './partition-counts.ts'

export type { NativeClientOptions } from './native-client-options.ts'

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
