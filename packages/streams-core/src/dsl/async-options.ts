import { TopologyError } from '../errors.ts'
import type { AsyncCallContext, AsyncSettings } from '../processors/async-processor.ts'
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

/** Makes a new value, later. */
export type AsyncValueMapper<K, V, VOut> = (value: V, key: K, context: AsyncCallContext) => Promise<VOut>
/** Makes a new key and value, later. */
export type AsyncKeyValueMapper<K, V, KOut, VOut> = (
  value: V,
  key: K,
  context: AsyncCallContext,
) => Promise<readonly [KOut, VOut]>
/** Makes any number of pairs of key and value, later. */
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

/** The settings with all defaults filled in. @throws TopologyError for a number that is out of bounds */
export function asyncSettings(options: AsyncOptions, operatorName: string): AsyncSettings {
  const { concurrency = 16, timeoutMs = 30_000, retry = {} } = options
  const { maxAttempts = 1, backoffMs = 100, maxBackoffMs = 10_000, retryIf = () => true } = retry
  for (const [name, value, least] of [
    ['concurrency', concurrency, 1],
    ['timeoutMs', timeoutMs, 1],
    ['retry.maxAttempts', maxAttempts, 1],
    ['retry.backoffMs', backoffMs, 0],
    ['retry.maxBackoffMs', maxBackoffMs, 0],
  ] as const) {
    if (Number.isSafeInteger(value) && value >= least) continue
    throw new TopologyError(`'${operatorName}' has ${name} ${value}; it must be a whole number from ${least} on.`)
  }
  return Object.freeze({ concurrency, timeoutMs, maxAttempts, backoffMs, maxBackoffMs, retryIf })
}
