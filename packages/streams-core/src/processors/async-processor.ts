import { InvariantError } from '../errors.ts'
import type { Processor, ProcessorSupplier } from './processor.ts'
import type { Record } from './record.ts'

/** What an asynchronous function is given beside the record. */
export interface AsyncCallContext {
  /** Aborted on a timeout and when the task closes: hand it to `fetch` and the like. */
  readonly signal: AbortSignal
  /** 1 for the first call with this record. */
  readonly attempt: number
}

/** How an asynchronous operator calls its function, with all defaults filled in. Times are ms. */
export interface AsyncSettings {
  readonly concurrency: number
  readonly timeoutMs: number
  readonly maxAttempts: number
  readonly backoffMs: number
  readonly maxBackoffMs: number
  readonly retryIf: (error: unknown) => boolean
}

/** Gives the records to forward for one record. */
export type AsyncCall<KIn, VIn, KOut, VOut> = (
  record: Record<KIn, VIn>,
  context: AsyncCallContext,
) => Promise<Iterable<Record<KOut, VOut>>>

/**
 * A processing step whose results come later. The runtime makes the calls, in the order of the input for each key, and forwards
 * the results in the order of the input; it never calls `process`.
 */
export class AsyncProcessor<KIn, VIn, KOut, VOut> implements Processor<KIn, VIn, KOut, VOut> {
  readonly settings: AsyncSettings
  readonly call: AsyncCall<KIn, VIn, KOut, VOut>

  constructor(settings: AsyncSettings, call: AsyncCall<KIn, VIn, KOut, VOut>) {
    this.settings = settings
    this.call = call
  }

  process(): void {
    throw new InvariantError('An asynchronous operator was run as a synchronous one.')
  }
}

/** A supplier of asynchronous steps. */
export function asyncProcessor<KIn, VIn, KOut, VOut>(
  settings: AsyncSettings,
  call: AsyncCall<KIn, VIn, KOut, VOut>,
): ProcessorSupplier<KIn, VIn, KOut, VOut> {
  return Object.assign(() => new AsyncProcessor(settings, call), { asyncSettings: settings })
}

/** The longest that a record may stay in the calls of a supplier's operator, ms; 0 for a synchronous one. */
export function longestAsyncCallMs(supplier: ProcessorSupplier<never, never, unknown, unknown>): number {
  const settings = (supplier as { readonly asyncSettings?: AsyncSettings }).asyncSettings
  return settings === undefined ? 0 : settings.maxAttempts * (settings.timeoutMs + settings.maxBackoffMs)
}
