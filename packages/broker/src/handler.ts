import type { Api } from '@millrace/kafka-protocol/messages'
import type { RequestContext } from './request-context.ts'

/** One API as it is served. */
export interface Handler {
  readonly api: Api
  /** The versions that are served, both inclusive; at most those of the schema. */
  readonly minVersion: number
  readonly maxVersion: number
  /** What clients are told instead of `minVersion`. */
  readonly advertisedMinVersion: number
  /** The answer, now or later; undefined when the request wants none. */
  handle(request: unknown, context: RequestContext): unknown
  /** The answer to a request that fails as a whole, by code; undefined when the API has no place for an error. */
  refuse(request: unknown, errorCode: number, context: RequestContext): unknown
}

/** What a handler file says. `request` and the answers have the types of the API's schema. */
export interface HandlerDefinition<Request, Answer> {
  /** Default: the schema's. */
  readonly minVersion?: number
  readonly maxVersion?: number
  /** Default: `minVersion`. */
  readonly advertisedMinVersion?: number
  /** @throws EngineError, RequestError: the request is refused with that code */
  handle(request: Request, context: RequestContext): Answer | Promise<Answer> | undefined
  /** Absent where an answer cannot carry an error: the connection is closed instead. */
  refuse?(request: Request, errorCode: number, context: RequestContext): Answer
}

/** Binds a handler to its API. */
export function defineHandler<Request, Response, RequestInput, Answer>(
  api: Api<Request, Response, RequestInput, Answer>,
  definition: HandlerDefinition<Request, Answer>,
): Handler {
  const minVersion = definition.minVersion ?? api.minVersion
  return {
    api: api as unknown as Api,
    minVersion,
    advertisedMinVersion: definition.advertisedMinVersion ?? minVersion,
    maxVersion: definition.maxVersion ?? api.maxVersion,
    handle: (request, context) => definition.handle(request as Request, context),
    refuse: (request, errorCode, context) => definition.refuse?.(request as Request, errorCode, context),
  }
}
