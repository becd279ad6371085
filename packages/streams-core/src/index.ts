/**
 * Kafka Streams for TypeScript: the public names, in reading order. Adapters are apart: `@millrace/streams-core/embedded` and the like.
 */

// ── Run it ──────────────────────────────────────────────────────────────────────────────────────────────────────────
export type { ClientInstanceIds } from './client-instance-ids.ts'
// ── For authors of adapters to a cluster ────────────────────────────────────────────────────────────────────────────
export type { Admin, TopicDescription, TopicSpec } from './clients/admin.ts'
export { ClientError, type ClientErrorKind } from './clients/client-error.ts'
export type { ClientCapabilities, KafkaClientSupplier } from './clients/client-supplier.ts'
export type {
  Consumer,
  ConsumerRecord,
  GroupMetadata,
  OffsetAndMetadata,
  PartitionRecords,
  RebalanceListener,
  TopicPartition,
} from './clients/consumer.ts'
export type { Producer, ProducerListener } from './clients/producer.ts'
// ── Options of operators ────────────────────────────────────────────────────────────────────────────────────────────
export type {
  AsyncFlatKeyValueMapper,
  AsyncKeyValueMapper,
  AsyncOptions,
  AsyncRecordProcessor,
  AsyncValueMapper,
  RetryOptions,
} from './dsl/async-options.ts'
export type { Branched } from './dsl/branched.ts'
// ── Streams and tables ──────────────────────────────────────────────────────────────────────────────────────────────
export type { BranchedKStream } from './dsl/branched-kstream.ts'
export type {
  CogroupedKStream,
  SessionWindowedCogroupedKStream,
  TimeWindowedCogroupedKStream,
} from './dsl/cogrouped-kstream.ts'
export type { Consumed, ConsumedOptions } from './dsl/consumed.ts'
export type { GlobalKTable } from './dsl/global-ktable.ts'
export type { Grouped, GroupedBy } from './dsl/grouped.ts'
export type { Joined } from './dsl/joined.ts'
export type { KGroupedStream } from './dsl/kgrouped-stream.ts'
export type { KGroupedTable } from './dsl/kgrouped-table.ts'
export type { KStream } from './dsl/kstream.ts'
export type { ForeignKeyJoinOptions, KTable } from './dsl/ktable.ts'
export type { Materialized, SessionMaterialized, TopicConfig, WindowMaterialized } from './dsl/materialized.ts'
export type { Named } from './dsl/named.ts'
export type { Printed } from './dsl/printed.ts'
export type { ProcessOptions } from './dsl/process-options.ts'
export type { Produced, ProducedOptions, Serializer, SinkTopic } from './dsl/produced.ts'
export type { Repartitioned } from './dsl/repartitioned.ts'
export type { SessionWindowedKStream } from './dsl/session-windowed-kstream.ts'
// ── Stores ──────────────────────────────────────────────────────────────────────────────────────────────────────────
export { Stores } from './dsl/stores.ts'
export type { StreamJoined } from './dsl/stream-joined.ts'
export { type BufferConfig, type StrictBufferConfig, Suppressed } from './dsl/suppressed.ts'
export type { TableJoined } from './dsl/table-joined.ts'
export type { TimeWindowedKStream } from './dsl/time-windowed-kstream.ts'
// ── When things go wrong ────────────────────────────────────────────────────────────────────────────────────────────
export {
  ApplicationShutdownError,
  DeserializationError,
  IllegalStateError,
  InvalidStateStoreError,
  InvalidTimestampError,
  InvariantError,
  LockError,
  MisconfiguredInternalTopicError,
  MissingSourceTopicError,
  ProcessingError,
  ProductionError,
  type RecordLocation,
  StateSchemaError,
  StreamsConfigError,
  StreamsError,
  TaskCorruptedError,
  TaskMigratedError,
  TimeoutError,
  TopologyError,
  TopologyMismatchError,
  UnknownStateStoreError,
} from './errors.ts'
export {
  buildDeadLetterRecord,
  type DeadLetterRecord,
  type DeserializationExceptionHandler,
  defaultProductionExceptionHandler,
  type ErrorHandlerContext,
  type ErrorHandlerResponse,
  fail,
  logAndContinueExceptionHandler,
  logAndContinueProcessingExceptionHandler,
  logAndFailExceptionHandler,
  logAndFailProcessingExceptionHandler,
  type ProcessingExceptionHandler,
  type ProductionExceptionHandler,
  resume,
  retry,
  type UnserializableRecord,
} from './exception-handlers.ts'
// ── Run it ──────────────────────────────────────────────────────────────────────────────────────────────────────────
export { type CloseOptions, KafkaStreams, type KafkaStreamsOptions } from './kafka-streams.ts'
export type { KafkaStreamsState, StateListener } from './kafka-streams-state.ts'
export { type Logger, type StructuredLogger, silentLogger, stderrLogger } from './logger.ts'
export type { RecordingLevel } from './metrics/recording-level.ts'
export type { MetricSensor, StreamsMetrics } from './metrics/streams-metrics.ts'
export type { Metric, MetricTags } from './metrics.ts'

// ── Callbacks and processors ────────────────────────────────────────────────────────────────────────────────────────
export type { AsyncCallContext } from './processors/async-processor.ts'
export type {
  Aggregator,
  FlatKeyValueMapper,
  FlatValueMapper,
  ForeachAction,
  Initializer,
  KeyMapper,
  KeyValueMapper,
  Merger,
  Predicate,
  Reducer,
  ValueJoiner,
  ValueMapper,
} from './processors/functions.ts'
export type {
  Cancellable,
  ConnectedStoreProvider,
  FixedKeyProcessor,
  FixedKeyProcessorContext,
  FixedKeyProcessorSupplier,
  ProcessingContext,
  Processor,
  ProcessorContext,
  ProcessorSupplier,
  PunctuationType,
  Punctuator,
  RecordMetadata,
} from './processors/processor.ts'
export { type FixedKeyRecord, Record } from './processors/record.ts'
export type { RecordContext } from './processors/record-context.ts'
export type { ValueTransformer, ValueTransformerSupplier } from './processors/value-transformer.ts'
// ── Ask it from outside ─────────────────────────────────────────────────────────────────────────────────────────────
export type { ReadOnlyVersionedKeyValueStore } from './queries/composite-versioned-store.ts'
export type { HostInfo } from './queries/host-info.ts'
export type { KeyPartitioning, KeyQueryMetadata } from './queries/key-query-metadata.ts'
export type { QueryIsolation, StoreQueryParameters } from './queries/local-stores.ts'
export type { Position } from './queries/position.ts'
export {
  InvalidStateStorePartitionError,
  StateStoreNotAvailableError,
  StreamsNotStartedError,
} from './queries/query-error.ts'
export {
  type FailureReason,
  type QueryResult,
  type StateQueryRequest,
  StateQueryResult,
} from './queries/query-result.ts'
export { type QueryableStoreType, QueryableStoreTypes } from './queries/queryable-store-types.ts'
export {
  KeyQuery,
  MultiVersionedKeyQuery,
  RangeQuery,
  type ResultOrder,
  type StateQuery,
  TimestampedKeyQuery,
  TimestampedRangeQuery,
  VersionedKeyQuery,
  WindowKeyQuery,
  WindowRangeQuery,
} from './queries/state-query.ts'
export type { LagInfo } from './queries/store-lags.ts'
export type { StreamsMetadata } from './queries/streams-metadata.ts'
export type { RecordTracing, TracedRecord } from './record-tracing.ts'
export type {
  ApplicationState,
  AssignmentConfigs,
  ClientAssignment,
  ClientState,
  TaskAssignment,
  TaskAssignor,
  TaskInfo,
} from './runtime/assignment/task-assignor.ts'
export type { StateRestoreListener } from './runtime/changelog-reader.ts'
export type { StandbySuspendReason, StandbyUpdateListener } from './runtime/standby-update-listener.ts'
export type { GroupMembershipOperation } from './runtime/stream-thread.ts'
export type { TaskMetadata, ThreadMetadata } from './runtime/thread-metadata.ts'
export type {
  DslKeyValueParams,
  DslSessionParams,
  DslStoreSuppliers,
  DslStoreType,
  DslWindowParams,
} from './state/dsl-store-suppliers.ts'
export type {
  KeyValueStore,
  ReadOnlyKeyValueStore,
  ReadOnlySessionStore,
  ReadOnlyWindowStore,
  SessionStore,
  StateStore,
  StoreBuilder,
  TimestampedKeyValueStore,
  TimestampedWindowStore,
  VersionedKeyValueStore,
  VersionedRecord,
  WindowStore,
} from './state/state-store.ts'
export type { StoreContext } from './state/store-context.ts'
export type {
  AnyStoreSupplier,
  KeyValueBytesStoreSupplier,
  SessionBytesStoreSupplier,
  TableStoreSupplier,
  VersionedBytesStoreSupplier,
  WindowBytesStoreSupplier,
} from './state/store-supplier.ts'
export type { ValueAndTimestamp } from './state/value-and-timestamp.ts'
// ── Say what is to happen ───────────────────────────────────────────────────────────────────────────────────────────
export { type DeclaredTableOptions, StreamsBuilder, type TableOptions } from './streams-builder.ts'
export type { StreamsConfig, StreamsProperties, TopologyOptimization } from './streams-config.ts'
export { systemTime, type Time, type Timer } from './time.ts'
export {
  failOnInvalidTimestamp,
  logAndSkipOnInvalidTimestamp,
  usePartitionTimeOnInvalidTimestamp,
  wallclockTimestampExtractor,
} from './timestamp-extractors.ts'
export type {
  ExtractorRecord,
  StreamPartitioner,
  TimestampExtractor,
  TopicNameExtractor,
} from './topology/extension-points.ts'
// ── What was made of it ─────────────────────────────────────────────────────────────────────────────────────────────
export type {
  InternalTopicPlan,
  OffsetResetPolicy,
  SubtopologyPlan,
  TopologyPlan,
} from './topology/processor-topology.ts'
export type { ProcessorWrapper } from './topology/processor-wrapper.ts'
export type {
  GlobalStoreDescription,
  NodeDescription,
  ProcessorDescription,
  SinkDescription,
  SourceDescription,
  SubtopologyDescription,
  TopologyDescription,
} from './topology/topology-description.ts'
export { type StoreFromTopic, type TopicOrName, Topology } from './topology.ts'
export type { UncaughtExceptionHandler, UncaughtExceptionResponse } from './uncaught-exception-handler.ts'
// ── Windows ─────────────────────────────────────────────────────────────────────────────────────────────────────────
export type { EmitStrategy } from './windows/emit-strategy.ts'
export { JoinWindows } from './windows/join-windows.ts'
export { SessionWindows } from './windows/session-windows.ts'
export { SlidingWindows } from './windows/sliding-windows.ts'
export { TimeWindows } from './windows/time-windows.ts'
export { UNLIMITED_END, UnlimitedWindows } from './windows/unlimited-windows.ts'
export type { Window, Windowed } from './windows/window.ts'
export { SessionWindowedSerde, TimeWindowedSerde, WindowedSerdes } from './windows/windowed-serde.ts'
export { Windows } from './windows/windows.ts'
