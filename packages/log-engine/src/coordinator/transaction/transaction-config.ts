/** How transactions are run. Times in ms. */
export interface TransactionConfig {
  /** The longest time-out that a producer may ask for. Kafka's `transaction.max.timeout.ms`. Default 900 000. */
  readonly maxTimeoutMs: number
  /**
   * How long a transactional id without an open transaction is remembered after its last change. Kafka's
   * `transactional.id.expiration.ms`. Default 7 days.
   */
  readonly transactionalIdExpirationMs: number
  /** Kafka's `transaction.remove.expired.transaction.cleanup.interval.ms`. Default 3 600 000. */
  readonly transactionalIdCheckIntervalMs: number
}

/** What holds unless it is set. */
export const defaultTransactionConfig: TransactionConfig = {
  maxTimeoutMs: 900_000,
  transactionalIdExpirationMs: 7 * 86_400_000,
  transactionalIdCheckIntervalMs: 3_600_000,
}
