/**
 * The seam between the library and its test kit. No promise of stability: applications import the package itself.
 */
export { assert, InvariantError } from './errors.ts'
export { Metrics } from './metrics.ts'
export { GlobalTask } from './runtime/global-task.ts'
export { NodeContext } from './runtime/processor-context.ts'
export { StreamTask } from './runtime/stream-task.ts'
export { StreamsProducer } from './runtime/streams-producer.ts'
export { parseStreamsConfig } from './streams-config.ts'
