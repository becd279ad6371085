import { type LogEngine, systemTime, type Time } from '@millrace/log-engine'
import type { KafkaClientSupplier } from '../client-supplier.ts'
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
  const fetchBytes = options.fetchBytes ?? 256 * 1024
  return {
    supports: { transactions: true, fencesByGroupMetadata: true, manualAssignment: true },
    consumer: ({ groupId, isolation }) => new EmbeddedConsumer(engine, { groupId, isolation, fetchBytes }),
    restoreConsumer: ({ isolation }) => new EmbeddedConsumer(engine, { groupId: undefined, isolation, fetchBytes }),
    producer: ({ transactionalId, transactionTimeoutMs }) =>
      new EmbeddedProducer(engine, {
        transactionalId,
        transactionTimeoutMs,
        batchBytes: options.batchBytes ?? 64 * 1024,
        lingerMs: options.lingerMs ?? 5,
        time: options.time ?? systemTime,
      }),
    admin: () => new EmbeddedAdmin(engine),
  }
}
