export {
  Admin,
  type ConfigChanges,
  type ConfigEntry,
  type ConfigResourceType,
  type ListedOffset,
  type NewTopic,
  type OffsetSpec,
} from './admin.ts'
export { type ClientErrorCode, KafkaClientError, throwIfError } from './client-error.ts'
export {
  type BrokerNode,
  bootstrapAddresses,
  Cluster,
  type ClusterOptions,
  type CoordinatorType,
  type PartitionMetadata,
  type TopicMetadata,
} from './cluster.ts'
export { Connection, type ConnectionOptions, type RequestOptions } from './connection.ts'
export { type FetchAnswer, type FetchLimits, type FetchPosition, requestFetch } from './fetch-request.ts'
export { FetchSession } from './fetch-session.ts'
export { type FetchedPartition, type FetchedRecord, Fetcher, type FetcherOptions } from './fetcher.ts'
export {
  type CommittedOffset,
  GroupAdmin,
  type GroupDescription,
  type GroupListing,
  type GroupMember,
} from './group-admin.ts'
export { GroupConsumer, type GroupConsumerOptions } from './group-consumer.ts'
export { GroupMembership, type GroupMembershipOptions } from './group-membership.ts'
export { type GroupProtocol, rangeProtocol } from './group-protocol.ts'
export { Producer, type ProducerOptions, type ProducerRecord, type RecordMetadata } from './producer.ts'
export { rangeAssignment, type SubscribedMember } from './range-assignor.ts'
export type { SaslBearer, SaslOptions, SaslPassword, SaslToken } from './sasl.ts'
export { type RepetitionListener, ThreadSocket } from './socket-thread.ts'
export type { RepeatedRequest } from './socket-worker.ts'
export { sleep, systemTime, type Time, type Timer } from './time.ts'
export type { TlsOptions } from './tls-options.ts'
export { byTopic, type TopicPartition } from './topic-partition.ts'
export {
  type ProducerState,
  TransactionAdmin,
  type TransactionDescription,
  type TransactionListing,
} from './transaction-admin.ts'
