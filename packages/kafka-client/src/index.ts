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
export {
  type FetchedPartition,
  type FetchedRecord,
  Fetcher,
  type FetcherOptions,
  type FetchPosition,
} from './fetcher.ts'
export { Producer, type ProducerOptions, type ProducerRecord, type RecordMetadata } from './producer.ts'
export type { SaslOptions } from './sasl.ts'
export { systemTime, type Time, type Timer } from './time.ts'
export type { TopicPartition } from './topic-partition.ts'
