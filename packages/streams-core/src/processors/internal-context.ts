import type { ProcessorContext } from './processor.ts'
import type { RecordContext } from './record-context.ts'

/**
 * What the library's own operators may do beyond {@link ProcessorContext}. Each processor node has its own context:
 * `forward` hands records to that node's children, also when a store's flush calls it.
 * @see org.apache.kafka.streams.processor.internals.InternalProcessorContext
 */
export interface InternalProcessorContext<KOut, VOut> extends ProcessorContext<KOut, VOut> {
  /** The processor node's name, for error messages. */
  readonly nodeName: string
  /** Context of the record in process: its timestamp and headers are those of the last `forward`. Undefined outside of one. */
  recordContext(): RecordContext | undefined
  /** Makes another record the one in process, while an operator hands on what it held back. */
  setRecordContext(context: RecordContext | undefined): void
  /** Counts one record under dropped-records. */
  recordDropped(): void
  /**
   * A number that is committed with the input offsets and given back after a restart; undefined when there is none.
   * @see org.apache.kafka.streams.processor.internals.ProcessorMetadata
   */
  processorMetadata(key: string): number | undefined
  setProcessorMetadata(key: string, value: number): void
}

/** The context of a node that the runtime made: it always is an {@link InternalProcessorContext}. */
export function asInternal<KOut, VOut>(context: ProcessorContext<KOut, VOut>): InternalProcessorContext<KOut, VOut> {
  return context as InternalProcessorContext<KOut, VOut>
}
