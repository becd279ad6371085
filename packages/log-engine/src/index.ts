export type { MemberSubscription } from './coordinator/consumer-group/consumer-group-member.ts'
export type {
  ConsumerGroupDescription,
  ConsumerGroupHeartbeatRequest,
  ConsumerGroupHeartbeatResponse,
  ConsumerGroupState,
  ConsumerGroups,
  DescribedConsumer,
  NamedTopicPartitions,
  TopicPartitionIds,
} from './coordinator/consumer-group/consumer-group-requests.ts'
export { defaultGroupConfig, type GroupConfig } from './coordinator/group/group-config.ts'
export {
  type DeletedOffset,
  type DescribedMember,
  type GenerationMember,
  type GroupDescription,
  type GroupListing,
  type GroupState,
  type Groups,
  type HeartbeatRequest,
  type JoinedMember,
  type JoinGroupRequest,
  type JoinGroupResponse,
  type LeaveGroupRequest,
  type LeavingMember,
  type LeftMember,
  type MemberAssignment,
  MemberIdRequiredError,
  type MemberProtocol,
  type SyncGroupRequest,
  type SyncGroupResponse,
} from './coordinator/group/group-requests.ts'
export { defaultTransactionConfig, type TransactionConfig } from './coordinator/transaction/transaction-config.ts'
export { type DumpOptions, dumpFile } from './dump.ts'
export { EngineError, type LogDirectoryErrorCode } from './engine-error.ts'
export type {
  AbortedTransaction,
  AppendOptions,
  AppendResult,
  CommittedOffset,
  EpochEndOffset,
  FetchOptions,
  FetchPosition,
  FetchResult,
  FlushPolicy,
  GroupMetadata,
  InitProducerIdRequest,
  IsolationLevel,
  ListedOffset,
  LogEngineOptions,
  NewTopic,
  OffsetSpec,
  OffsetToCommit,
  ProducerDescription,
  ProducerIdentity,
  TopicConfig,
  TopicDescription,
  TransactionalProducer,
  TransactionDescription,
} from './engine-requests.ts'
export type { FileSystem, LogFile } from './file-system.ts'
export { logConfigDefaults, parseLogConfig } from './log/log-config.ts'
export { LogEngine } from './log-engine.ts'
export { memoryFileSystem } from './memory-file-system.ts'
export { nodeFileSystem } from './node-file-system.ts'
export { systemTime, type Time, type Timer } from './time.ts'
export { partitionName, type TopicPartition } from './topic-partition.ts'
