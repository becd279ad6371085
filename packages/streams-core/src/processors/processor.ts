import type { Serde } from '@millrace/serdes'
import type { StreamsMetrics } from '../metrics/streams-metrics.ts'
import type { StateStore, StoreBuilder } from '../state/state-store.ts'
import type { FixedKeyRecord, Record } from './record.ts'

/**
 * A processing step. One instance serves one task; `process` runs to its end for a record before the next one comes.
 * @see org.apache.kafka.streams.processor.api.Processor
 */
export interface Processor<KIn, VIn, KOut, VOut> {
  /** Called once before the first record. Keep the context; look up stores and schedule punctuators here. */
  init?(context: ProcessorContext<KOut, VOut>): void
  process(record: Record<KIn, VIn>): void
  /** Called when the task closes. Stores are still open. */
  close?(): void
}

/** As {@link Processor}, but records keep their key. @see org.apache.kafka.streams.processor.api.FixedKeyProcessor */
export interface FixedKeyProcessor<K, VIn, VOut> {
  init?(context: FixedKeyProcessorContext<K, VOut>): void
  process(record: FixedKeyRecord<K, VIn>): void
  close?(): void
}

/** Stores that a supplier brings with it; they are added to the topology and connected to the processor. */
export interface ConnectedStoreProvider {
  readonly stores?: readonly StoreBuilder<StateStore>[]
}

/**
 * Gives a new processor for each task; called at least once. A plain function, with an optional `stores` property.
 * @see org.apache.kafka.streams.processor.api.ProcessorSupplier
 */
export type ProcessorSupplier<KIn, VIn, KOut, VOut> = (() => Processor<KIn, VIn, KOut, VOut>) & ConnectedStoreProvider

/** @see org.apache.kafka.streams.processor.api.FixedKeyProcessorSupplier */
export type FixedKeyProcessorSupplier<K, VIn, VOut> = (() => FixedKeyProcessor<K, VIn, VOut>) & ConnectedStoreProvider

/** Which clock drives a punctuator. @see org.apache.kafka.streams.processor.PunctuationType */
export type PunctuationType = 'stream-time' | 'wall-clock-time'

/** Called with the time (Unix ms) at which it fires. */
export type Punctuator = (timestamp: number) => void

/** A handle to a scheduled punctuator. */
export interface Cancellable {
  cancel(): void
}

/** Where the record in process came from. @see org.apache.kafka.streams.processor.api.RecordMetadata */
export interface RecordMetadata {
  readonly topic: string
  readonly partition: number
  readonly offset: number
}

/**
 * What a processor may know and do, apart from forwarding. All times are Unix ms.
 * @see org.apache.kafka.streams.processor.api.ProcessingContext
 */
export interface ProcessingContext {
  readonly applicationId: string
  /** `<subtopology>_<partition>`. */
  readonly taskId: string
  /** Where the task's persistent state lives; undefined when all state is in memory. */
  readonly stateDir: string | undefined
  readonly keySerde: Serde<unknown> | undefined
  readonly valueSerde: Serde<unknown> | undefined
  /** Undefined in a punctuator and during restore. */
  recordMetadata(): RecordMetadata | undefined
  /** @throws UnknownStateStoreError when there is no such store, or it is not connected to this processor. */
  getStateStore<S extends StateStore>(name: string): S
  /**
   * Calls the punctuator every `intervalMs`. With `startTime`, calls are anchored to `startTime + n * intervalMs` (KIP-1146).
   * @throws RangeError when `intervalMs` is below 1.
   */
  schedule(intervalMs: number, type: PunctuationType, punctuator: Punctuator, startTime?: number): Cancellable
  /** The figures of the application, and a way to add one's own. */
  metrics(): StreamsMetrics
  /** Asks for a commit soon after this record. */
  commit(): void
  currentSystemTimeMs(): number
  /** Greatest timestamp the task has seen; -1 before the first record. */
  currentStreamTimeMs(): number
  /** The application's configuration, as given. */
  appConfigs(): Readonly<{ [key: string]: unknown }>
  appConfigsWithPrefix(prefix: string): Readonly<{ [key: string]: unknown }>
}

/** @see org.apache.kafka.streams.processor.api.ProcessorContext */
export interface ProcessorContext<KOut, VOut> extends ProcessingContext {
  /** Hands a record to all children, or to the one named. Returns when they are done with it. */
  forward(record: Record<KOut, VOut>, childName?: string): void
}

/** @see org.apache.kafka.streams.processor.api.FixedKeyProcessorContext */
export interface FixedKeyProcessorContext<K, VOut> extends ProcessingContext {
  forward(record: FixedKeyRecord<K, VOut>, childName?: string): void
}
