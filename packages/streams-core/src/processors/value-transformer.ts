import type { ProcessingContext } from './processor.ts'

/**
 * Computes values of a table, with access to stores and punctuation. It cannot forward.
 * @see org.apache.kafka.streams.kstream.ValueTransformerWithKey
 */
export interface ValueTransformer<K, V, VOut> {
  init?(context: ProcessingContext): void
  /** `value` is null for a deletion; a null result deletes. */
  transform(value: V | null, key: K): VOut | null
  close?(): void
}

/** Gives a new transformer for each use. @see org.apache.kafka.streams.kstream.ValueTransformerWithKeySupplier */
export type ValueTransformerSupplier<K, V, VOut> = () => ValueTransformer<K, V, VOut>
