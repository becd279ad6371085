/**
 * The seam between the library and its test kit. No promise of stability: applications import the package itself.
 */
export type { Producer, ProducerListener } from './clients/producer.ts'
export { InvariantError } from './errors.ts'
export { type Logger, silentLogger } from './logger.ts'
export { type Metric, Metrics } from './metrics.ts'
export { GlobalTask } from './runtime/global-task.ts'
export { matchesWhole } from './runtime/node-graph.ts'
export { NodeContext } from './runtime/processor-context.ts'
export { StreamTask } from './runtime/stream-task.ts'
export { StreamsProducer } from './runtime/streams-producer.ts'
export { newTaskCache } from './runtime/task-context.ts'
export type { StateStore } from './state/state-store.ts'
export { parseStreamsConfig, type StreamsConfig, type StreamsProperties } from './streams-config.ts'
export type { Time, Timer } from './time.ts'
export type {
  PlannedTopology,
  ProcessorTopology,
  SinkPlan,
  SourcePlan,
  TopologyPlan,
} from './topology/processor-topology.ts'
