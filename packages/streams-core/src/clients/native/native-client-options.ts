import type { SaslOptions, Time } from '@millrace/kafka-client'
import type { CompressionType } from '@millrace/kafka-protocol'

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
