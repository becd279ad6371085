import type { DropReason } from '../metrics/dropped-records.ts'
import type { TaskMetrics } from '../metrics/task-metrics.ts'
import type { ProcessorContext } from './processor.ts'
import type { RecordContext } from './record-context.ts'

/**
 * What the library's own operators may do beyond the public context. Each processor has a context object of its own, so
 * `forward` works from a store's flush listener too, without saying on whose behalf.
 * @see org.apache.kafka.streams.processor.internals.InternalProcessorContext
 */
export interface InternalProcessorContext<KOut, VOut> extends ProcessorContext<KOut, VOut> {
  readonly nodeName: string
  /** What is recorded about the task. */
  readonly figures: TaskMetrics
  /** The context of the record in process. */
  recordContext(): RecordContext | undefined
  setRecordContext(context: RecordContext | undefined): void
  /** Counts a record under dropped-records, with the reason. */
  recordDropped(reason: DropReason): void
  warn(message: string): void
  /** A number that is committed with the input offsets and comes back after a restart (KIP-825: the last emitted window). */
  processorMetadata(key: string): number | undefined
  setProcessorMetadata(key: string, value: number): void
}

/** The context of a node: what the runtime gives to `init` always is an {@link InternalProcessorContext}. */
export function asInternal<KOut, VOut>(context: ProcessorContext<KOut, VOut>): InternalProcessorContext<KOut, VOut> {
  return context as InternalProcessorContext<KOut, VOut>
}
