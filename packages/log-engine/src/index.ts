export { EngineError, type LogDirectoryErrorCode } from './engine-error.ts'
export type { FileSystem, LogFile } from './file-system.ts'
export type {
  AbortedTransaction,
  AppendOptions,
  AppendResult,
  CommittedOffset,
  FetchOptions,
  FetchPosition,
  FetchResult,
  FlushPolicy,
  GroupMetadata,
  InitProducerIdRequest,
  IsolationLevel,
  ListedOffset,
  LogEngine,
  LogEngineOptions,
  NewTopic,
  OffsetSpec,
  OffsetToCommit,
  ProducerIdentity,
  TopicDescription,
  TransactionalProducer,
} from './log-engine.ts'
export { systemTime, type Time, type Timer } from './time.ts'
export { partitionName, type TopicPartition } from './topic-partition.ts'
