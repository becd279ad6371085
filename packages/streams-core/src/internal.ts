/**
 * The seam between the library and its test kit. No promise of stability: applications import the package itself.
 */
export type { ConsumerRecord } from './clients/consumer.ts'
export type { Producer } from './clients/producer.ts'
export { addEdge } from './dsl/add-edge.ts'
export type {
  EdgeHost,
  EdgeListener,
  EdgeReader,
  EdgeRecord,
  EdgeSession,
  EdgeStart,
  EdgeWriter,
  TopologyEdge,
} from './edges/topology-edge.ts'
export { InvalidStateStoreError, InvariantError, UnknownStateStoreError } from './errors.ts'
export { logAndContinueExceptionHandler } from './exception-handlers.ts'
export { type Logger, silentLogger } from './logger.ts'
export type { StreamsMetrics } from './metrics/streams-metrics.ts'
export { TaskMetrics } from './metrics/task-metrics.ts'
export { type Metric, Metrics } from './metrics.ts'
export type { InternalProcessorContext } from './processors/internal-processor-context.ts'
export type { Cancellable, PunctuationType, Punctuator, RecordMetadata } from './processors/processor.ts'
export type { Record } from './processors/record.ts'
export type { RecordContext } from './processors/record-context.ts'
export { GlobalTask } from './runtime/global-task.ts'
export { isInternalTopicOf } from './runtime/internal-topic-names.ts'
export { matchesWhole } from './runtime/node-graph.ts'
export type { RecordQueue } from './runtime/record-queue.ts'
export { StateDirectory } from './runtime/state-directory.ts'
export { StreamTask } from './runtime/stream-task.ts'
export { StreamsProducer } from './runtime/streams-producer.ts'
export { newTaskCache } from './runtime/task-context.ts'
export { type TopologyChange, topologyChanges } from './runtime/topology-changes.ts'
export type {
  KeyValueStore,
  SessionStore,
  StateStore,
  TimestampedKeyValueStore,
  TimestampedWindowStore,
  VersionedKeyValueStore,
  WindowStore,
} from './state/state-store.ts'
export type { StoreContext } from './state/store-context.ts'
export { TypedIterator } from './state/typed-iterator.ts'
export type { ValueAndTimestamp } from './state/value-and-timestamp.ts'
export { parseStreamsConfig, type StreamsConfig, type StreamsProperties } from './streams-config.ts'
export { systemTime, type Time, type Timer } from './time.ts'
export type {
  PlannedTopology,
  ProcessorTopology,
  SinkPlan,
  SourcePlan,
  TopologyPlan,
} from './topology/processor-topology.ts'
export type { Windowed } from './windows/window.ts'
