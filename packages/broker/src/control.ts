import { type ErrorName, errorCodes } from '@millrace/kafka-protocol'
import type { RequestContext } from './request-context.ts'

/**
 * What happens to a request instead of its usual handling:
 *
 * - `error`: refused with that error, as a whole; nothing is done.
 * - `reply`: answered with what the function returns (the schema's fields); nothing is done.
 * - `delayMs`: handled as usual, so much later.
 * - `drop`: nothing is done and nothing is answered; what follows on the connection is handled.
 * - `disconnect`: nothing is done and the connection closes; `after: true` handles it first, and loses the answer.
 */
export type Fault =
  | { readonly error: ErrorName }
  | { readonly reply: (request: never, context: RequestContext) => unknown }
  | { readonly delayMs: number }
  | { readonly drop: true }
  | { readonly disconnect: true; readonly after?: boolean }

/** Which requests a fault befalls. */
export interface FaultOptions {
  /** So many requests, then no more. Default: until the fault is removed. */
  readonly times?: number
  /** Only the requests for which it is true. */
  readonly when?: (request: never, context: RequestContext) => boolean
}

interface PlannedFault {
  readonly apiKey: number
  readonly fault: Fault
  readonly when: ((request: never, context: RequestContext) => boolean) | undefined
  timesLeft: number
}

/** Faults by API key, for tests of clients. */
export class Control {
  #planned: readonly PlannedFault[] = []

  /** Adds a fault; the oldest that fits a request befalls it. Returns what removes it. */
  add(apiKey: number, fault: Fault, options: FaultOptions = {}): () => void {
    if ('error' in fault && errorCodes[fault.error] === undefined)
      throw new TypeError(`There is no error ${fault.error}.`)
    const planned: PlannedFault = {
      apiKey,
      fault,
      when: options.when,
      timesLeft: options.times ?? Number.POSITIVE_INFINITY,
    }
    this.#planned = [...this.#planned, planned]
    return () => this.#remove(planned)
  }

  #remove(planned: PlannedFault): void {
    this.#planned = this.#planned.filter((one) => one !== planned)
  }

  /** The fault for this request, counted as used. */
  take(apiKey: number, request: unknown, context: RequestContext): Fault | undefined {
    if (this.#planned.length === 0) return undefined
    const planned = this.#planned.find(
      (one) => one.apiKey === apiKey && (one.when === undefined || one.when(request as never, context)),
    )
    if (planned === undefined) return undefined
    planned.timesLeft--
    if (planned.timesLeft <= 0) this.#remove(planned)
    return planned.fault
  }
}
