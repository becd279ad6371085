import type { FixedKeyProcessorSupplier, ProcessorSupplier } from '../processors/processor.ts'

/**
 * Wraps every processor of a topology, for tracing or tests. Given to the builder as `processor.wrapper.class`.
 * A wrapper that leaves out the supplier's `stores` takes them away from the processor.
 * @see org.apache.kafka.streams.processor.api.ProcessorWrapper, KIP-1112 — an object here, not a class name.
 */
export interface ProcessorWrapper {
  wrapProcessorSupplier<KIn, VIn, KOut, VOut>(
    processorName: string,
    supplier: ProcessorSupplier<KIn, VIn, KOut, VOut>,
  ): ProcessorSupplier<KIn, VIn, KOut, VOut>
  wrapFixedKeyProcessorSupplier<KIn, VIn, VOut>(
    processorName: string,
    supplier: FixedKeyProcessorSupplier<KIn, VIn, VOut>,
  ): FixedKeyProcessorSupplier<KIn, VIn, VOut>
}
