import type { Record } from '../processors/record.ts'
import type { Named } from './named.ts'

/** When a failed asynchronous call is made again. */
export interface RetryOptions {
  /** Calls in all, the first one included. Default: 1. */
  readonly maxAttempts?: number | undefined
  /** Wait before the second call, ms; doubled for each further one. Default: 100. */
  readonly backoffMs?: number | undefined
  /** Longest wait between two calls, ms. Default: 10,000. */
  readonly maxBackoffMs?: number | undefined
  /** False: this error is not worth another try. Default: every error is. */
  readonly retryIf?: ((error: unknown) => boolean) | undefined
}

/**
 * How an asynchronous operator calls its function. Java has no such operators.
 *
 * Records of one key are worked on in order, one at a time; results leave in the order of the input. A commit waits for every call in flight.
 */
export interface AsyncOptions extends Named {
  /** Calls in flight at once, per task; the partition is paused beyond. Default: 16. */
  readonly concurrency?: number | undefined
  /** A call that takes longer has failed; its signal is aborted. Default: 30,000. */
  readonly timeoutMs?: number | undefined
  /** Default: no second try; the error goes to the processing exception handler. */
  readonly retry?: RetryOptions | undefined
}

/** What an asynchronous function is given beside the record. */
export interface AsyncCallContext {
  /** Aborted on a timeout and when the task closes: hand it to `fetch` and the like. */
  readonly signal: AbortSignal
  /** 1 for the first call with this record. */
  readonly attempt: number
}

export type AsyncValueMapper<K, V, VOut> = (value: V, key: K, context: AsyncCallContext) => Promise<VOut>
export type AsyncKeyValueMapper<K, V, KOut, VOut> = (
  value: V,
  key: K,
  context: AsyncCallContext,
) => Promise<readonly [KOut, VOut]>
export type AsyncFlatKeyValueMapper<K, V, KOut, VOut> = (
  value: V,
  key: K,
  context: AsyncCallContext,
) => Promise<Iterable<readonly [KOut, VOut]>>
/** Gives the records to forward, with timestamps and headers of its choice; undefined: none. */
export type AsyncRecordProcessor<K, V, KOut, VOut> = (
  record: Record<K, V>,
  context: AsyncCallContext,
) => Promise<Iterable<Record<KOut, VOut>> | undefined>
