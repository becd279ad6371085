import { StreamsError, toError } from '../../errors.ts'

/**
 * Why a request is not answered, as JSON: `{ "error": { "code", "message" } }`. The message says what to do.
 *
 * | status | code | |
 * |---|---|---|
 * | 400 | `BAD_REQUEST`, `STREAMS_INVALID_STATE_STORE` | the request is not understood, or not for this kind of store |
 * | 401 | `UNAUTHORIZED` | the token is missing or another, or the service's own check refuses |
 * | 403 | `HOST_NOT_ALLOWED` | the service was asked under a name that it does not know |
 * | 404 | `NOT_FOUND`, `STREAMS_UNKNOWN_STATE_STORE`, `STREAMS_INVALID_STATE_STORE_PARTITION` | there is no such thing |
 * | 405 | `METHOD_NOT_ALLOWED` | only GET |
 * | 421 | `NOT_OWNER` | a request that another instance has passed on, for a key that is not here either |
 * | 502 | `OWNER_UNREACHABLE` | the instance that has the key does not answer |
 * | 503 | `OWNER_UNKNOWN`, `NOT_UP_TO_BOUND`, `TOO_MANY_SUBSCRIPTIONS`, `STREAMS_NOT_STARTED`, `STREAMS_STATE_STORE_NOT_AVAILABLE` | not now; try again |
 * | 500 | any other | the store or a serde failed |
 */
export class HttpError extends Error {
  readonly status: number
  readonly code: string

  constructor(status: number, code: string, message: string, options: ErrorOptions = {}) {
    super(message, options)
    this.name = 'HttpError'
    this.status = status
    this.code = code
  }
}

const statusOf: Readonly<{ [code: string]: number }> = {
  STREAMS_INVALID_STATE_STORE: 400,
  STREAMS_UNKNOWN_STATE_STORE: 404,
  STREAMS_INVALID_STATE_STORE_PARTITION: 404,
  STREAMS_NOT_STARTED: 503,
  STREAMS_STATE_STORE_NOT_AVAILABLE: 503,
}

/** Anything thrown while a request was answered, with the status it gets. */
export function toHttpError(thrown: unknown): HttpError {
  if (thrown instanceof HttpError) return thrown
  if (thrown instanceof StreamsError) {
    return new HttpError(statusOf[thrown.code] ?? 500, thrown.code, thrown.message, { cause: thrown })
  }
  return new HttpError(500, 'INTERNAL', toError(thrown).message, { cause: thrown })
}
