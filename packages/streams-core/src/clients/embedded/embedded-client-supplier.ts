import { type LogEngine, systemTime, type Time } from '@millrace/log-engine'
import type { KafkaClientSupplier } from '../client-supplier.ts'
import { partitionAssignor } from '../group/partition-assignor.ts'
import { EmbeddedAdmin } from './embedded-admin.ts'
import { EmbeddedConsumer } from './embedded-consumer.ts'
import { EmbeddedProducer } from './embedded-producer.ts'

/** Settings of the clients of a log engine in the same process. */
export interface EmbeddedClientOptions {
  /** Bytes read by one poll. Default 256 KiB. */
  readonly fetchBytes?: number
  /** Bytes of a batch at which it is appended. Default 64 KiB. */
  readonly batchBytes?: number
  /** How long a record outside a transaction waits for others to share its batch, ms. Default 5. */
  readonly lingerMs?: number
  /** Default: the wall clock. */
  readonly time?: Time
}

/**
 * Clients that use a log engine in the same process, without a socket. The engine stays the caller's: it is not closed
 * with the clients.
 */
export function embeddedClientSupplier(engine: LogEngine, options: EmbeddedClientOptions = {}): KafkaClientSupplier {
  const { fetchBytes = 256 * 1024, time = systemTime } = options
  return {
    supports: {
      transactions: true,
      fencing: 'group',
      manualAssignment: true,
      standbyTasks: true,
      staticMembership: true,
    },
    consumer: ({ clientId, groupId, isolation, assignor = partitionAssignor() }) =>
      new EmbeddedConsumer(engine, { clientId, groupId, assignor, isolation, fetchBytes, time }),
    restoreConsumer: ({ clientId, isolation }) =>
      new EmbeddedConsumer(engine, {
        clientId,
        groupId: undefined,
        assignor: partitionAssignor(),
        isolation,
        fetchBytes,
        time,
      }),
    producer: ({ transactionalId, transactionTimeoutMs }) =>
      new EmbeddedProducer(engine, {
        transactionalId,
        transactionTimeoutMs,
        batchBytes: options.batchBytes ?? 64 * 1024,
        lingerMs: options.lingerMs ?? 5,
        time,
      }),
    admin: () => new EmbeddedAdmin(engine),
  }
}
