import { RequestError } from './broker-error.ts'
import type { SaslExchange, SaslMechanism } from './sasl.ts'

/** Who is at the other end of one connection, and how far we are in finding out. */
export class Authentication {
  readonly #mechanisms: readonly SaslMechanism[] | null
  #exchange: SaslExchange | undefined
  #principal: string
  #isComplete: boolean
  #hasBareTokens = false

  /** `mechanisms` null: the listener asks for no SASL, and `principal` stands. */
  constructor(mechanisms: readonly SaslMechanism[] | null, principal: string) {
    this.#mechanisms = mechanisms
    this.#principal = principal
    this.#isComplete = mechanisms === null
  }

  /** Whether requests other than those of the authentication itself are taken. */
  get isComplete(): boolean {
    return this.#isComplete
  }

  /** `User:<name>`. */
  get principal(): string {
    return this.#principal
  }

  get mechanismNames(): readonly string[] {
    return (this.#mechanisms ?? []).map((mechanism) => mechanism.name)
  }

  /** Whether the next frame is a token and no request. */
  get expectsBareToken(): boolean {
    return this.#hasBareTokens && this.#exchange !== undefined
  }

  /** False when there is no such mechanism. With `hasBareTokens` the tokens come in frames of their own. */
  choose(name: string, hasBareTokens: boolean): boolean {
    const mechanism = (this.#mechanisms ?? []).find((one) => one.name === name)
    this.#exchange = mechanism?.start()
    this.#hasBareTokens = hasBareTokens
    return mechanism !== undefined
  }

  /** One step of the exchange; returns the answer. @throws RequestError SASL_AUTHENTICATION_FAILED, ILLEGAL_SASL_STATE */
  step(token: Uint8Array): Uint8Array {
    if (this.#exchange === undefined) {
      throw new RequestError('ILLEGAL_SASL_STATE', 'A SASL token came without a handshake before it.')
    }
    const { answer, userName } = this.#exchange.step(token)
    if (userName !== undefined) {
      this.#principal = `User:${userName}`
      this.#isComplete = true
      this.#exchange = undefined
    }
    return answer
  }
}
