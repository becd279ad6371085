import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import { StreamsConfigError } from '../../errors.ts'
import { HttpError } from './http-error.ts'

/** Who may ask a query service. */
export interface AccessOptions {
  /** Clients have to send it as `Authorization: Bearer …`, other instances too. Default: none. */
  readonly token?: string
  /**
   * Looks at each request, after the token; false refuses it. What another instance passes on has the `authorization` of the one who
   * asked there, and no other of its headers. Default: none.
   */
  readonly authorize?: (request: IncomingMessage) => boolean | Promise<boolean>
  /** Names under which the service may be asked, beside addresses, localhost and the names of the instances. Default: none. */
  readonly allowedHosts?: readonly string[]
  /** True: an address that others can reach needs neither token nor `authorize`. Default: false. */
  readonly allowUnauthenticated?: boolean
}

/**
 * Decides who is answered. A request whose `Host` is a name that nobody has given to the service is refused: a page in a browser could
 * otherwise read the stores by pointing its own name at the service's address (DNS rebinding).
 */
export class Access {
  readonly #options: AccessOptions
  readonly #names: () => readonly string[]

  /**
   * `names`: of the instances.
   * @throws StreamsConfigError for an address that others can reach, without any check
   */
  constructor(host: string, options: AccessOptions, names: () => readonly string[]) {
    this.#options = options
    this.#names = names
    const { token, authorize, allowUnauthenticated = false } = options
    if (isLoopback(host) || token !== undefined || authorize !== undefined || allowUnauthenticated) return
    throw new StreamsConfigError(
      'host',
      `A query service on '${host}' would answer anybody who can reach it. Give a token, or authorize, or say allowUnauthenticated: true where something before it checks who asks.`,
    )
  }

  /** For requests to other instances. */
  get headers(): { readonly [name: string]: string } {
    const { token } = this.#options
    return token === undefined ? {} : { authorization: `Bearer ${token}` }
  }

  /** @throws HttpError when the request is not to be answered */
  async check(request: IncomingMessage): Promise<void> {
    const name = hostNameOf(request.headers.host)
    const allowed = ['localhost', ...(this.#options.allowedHosts ?? []), ...this.#names()]
    if (isIP(name) === 0 && !allowed.some((known) => known.toLowerCase() === name)) {
      throw new HttpError(
        403,
        'HOST_NOT_ALLOWED',
        `Nobody has given the name '${name}' to this service. Add it to allowedHosts, or ask by the address.`,
      )
    }
    const { token, authorize } = this.#options
    if (token !== undefined && !isEqual(request.headers.authorization, `Bearer ${token}`)) throw notAuthorized()
    if (authorize !== undefined && !(await authorize(request))) throw notAuthorized()
  }
}

function notAuthorized(): HttpError {
  return new HttpError(
    401,
    'UNAUTHORIZED',
    'The request is not authorized. Send the token as `Authorization: Bearer …`.',
  )
}

/** In a time that does not tell how much of it agrees. */
function isEqual(given: string | undefined, expected: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given ?? ''), digest(expected))
}

/** Of `host:port`, without brackets, in lower case. */
function hostNameOf(header: string | undefined): string {
  const [, bracketed, plain] = /^(?:\[([^\]]+)\]|([^:]*))(?::\d+)?$/.exec(header ?? '') ?? []
  return (bracketed ?? plain ?? '').toLowerCase()
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
}
