import { IllegalStateError } from './errors.ts'

/**
 * The ids under which brokers know the clients of an application for telemetry (KIP-714), as they hand them out to clients that push
 * their figures to them. Ours push none, so that it is with all of them as with Java's where `enable.metrics.push` is false: there are
 * no ids.
 * @see org.apache.kafka.streams.ClientInstanceIds
 */
export interface ClientInstanceIds {
  /** @throws IllegalStateError when the admin client pushes no figures */
  adminInstanceId(): string
  /** By client id; of the consumers that push figures. */
  consumerInstanceIds(): ReadonlyMap<string, string>
  /** By client id; of the producers that push figures. */
  producerInstanceIds(): ReadonlyMap<string, string>
}

/** Of clients that push nothing. */
export const noClientInstanceIds: ClientInstanceIds = {
  adminInstanceId() {
    throw new IllegalStateError(
      'The admin client pushes no figures to brokers (KIP-714), so it has no client instance id. Read figures with metrics(), or export them with millrace/monitoring or millrace/opentelemetry.',
    )
  },
  consumerInstanceIds: () => new Map(),
  producerInstanceIds: () => new Map(),
}
