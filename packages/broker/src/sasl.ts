import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from 'node:crypto'
import { BrokerConfigError, RequestError } from './broker-error.ts'

/** Somebody who may authenticate by SASL: the principal is `User:<name>`. */
export interface User {
  readonly name: string
  readonly password: string
  /** Default: all. The same name may have another password for another mechanism. */
  readonly mechanisms?: readonly SaslMechanismName[]
}

/** One authentication in progress. */
export interface SaslExchange {
  /**
   * Takes the client's next token; returns the answer and, once the client has shown who it is, its user name.
   * @throws RequestError SASL_AUTHENTICATION_FAILED
   */
  step(token: Uint8Array): { readonly answer: Uint8Array; readonly userName?: string }
}

/** A way to authenticate. */
export interface SaslMechanism {
  readonly name: string
  start(): SaslExchange
}

/** The mechanisms by which clients may authenticate. */
export type SaslMechanismName = 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512'

/** The mechanisms over one list of users. Passwords are kept only as far as the mechanisms need them. */
export function saslMechanisms(names: readonly SaslMechanismName[], users: readonly User[]): SaslMechanism[] {
  if (users.length === 0) return []
  return names.map((name) => {
    const own = users.filter(({ mechanisms = names }) => mechanisms.includes(name))
    switch (name) {
      case 'PLAIN':
        return plain(own)
      case 'SCRAM-SHA-256':
        return scram(name, 'sha256', own)
      case 'SCRAM-SHA-512':
        return scram(name, 'sha512', own)
      default:
        throw new BrokerConfigError(`There is no SASL mechanism '${name}': use PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512.`)
    }
  })
}

function failed(): RequestError {
  return new RequestError('SASL_AUTHENTICATION_FAILED', 'Authentication failed: invalid user name or password.')
}

/** RFC 4616: `[authorization id] NUL user name NUL password`. */
function plain(users: readonly User[]): SaslMechanism {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  const passwords = new Map(users.map((user) => [user.name, digest(user.password)]))
  return {
    name: 'PLAIN',
    start: () => ({
      step(token) {
        const [authorizationId, userName, password, ...more] = Buffer.from(token).toString().split('\0')
        if (userName === undefined || password === undefined || more.length > 0) throw failed()
        const expected = passwords.get(userName) ?? digest(`no user ${userName}`)
        const isRight = timingSafeEqual(expected, digest(password)) && passwords.has(userName)
        if (!isRight || (authorizationId !== '' && authorizationId !== userName)) throw failed()
        return { answer: new Uint8Array(0), userName }
      },
    }),
  }
}

/** Of the hash that guards a password. */
export const scramIterations = 4096

interface ScramCredential {
  readonly salt: Buffer
  readonly storedKey: Buffer
  readonly serverKey: Buffer
}

/** RFC 5802, without channel binding. */
function scram(name: SaslMechanismName, hash: 'sha256' | 'sha512', users: readonly User[]): SaslMechanism {
  const credentials = new Map(users.map((user) => [user.name, credentialOf(hash, user.password)]))
  return {
    name,
    start() {
      let first: ScramFirst | undefined
      return {
        step(token) {
          const text = Buffer.from(token).toString()
          if (first !== undefined) return finishScram(hash, first, text)
          first = beginScram(text, credentials)
          return { answer: Buffer.from(first.serverFirst) }
        },
      }
    },
  }
}

interface ScramFirst {
  readonly userName: string
  readonly credential: ScramCredential
  readonly clientFirstBare: string
  readonly serverFirst: string
  readonly nonce: string
}

function credentialOf(hash: string, password: string): ScramCredential {
  const salt = randomBytes(24)
  const length = createHash(hash).digest().length
  const salted = pbkdf2Sync(password, salt, scramIterations, length, hash)
  const clientKey = createHmac(hash, salted).update('Client Key').digest()
  const storedKey = createHash(hash).update(clientKey).digest()
  return { salt, storedKey, serverKey: createHmac(hash, salted).update('Server Key').digest() }
}

function beginScram(text: string, credentials: ReadonlyMap<string, ScramCredential>): ScramFirst {
  const match = /^n,(?:a=[^,]*)?,(n=([^,]+),r=([\x21-\x2b\x2d-\x7e]+)(?:,.*)?)$/.exec(text)
  const [, clientFirstBare, escapedName, clientNonce] = match ?? []
  if (clientFirstBare === undefined || escapedName === undefined || clientNonce === undefined) throw failed()
  const userName = escapedName.replace(/=2C/g, ',').replace(/=3D/g, '=')
  const credential = credentials.get(userName)
  if (credential === undefined) throw failed()
  const nonce = clientNonce + randomBytes(18).toString('base64url')
  const serverFirst = `r=${nonce},s=${credential.salt.toString('base64')},i=${scramIterations}`
  return { userName, credential, clientFirstBare, serverFirst, nonce }
}

function finishScram(hash: string, first: ScramFirst, text: string): { answer: Uint8Array; userName: string } {
  const [, withoutProof, nonce, proofText] = /^(c=[^,]+,r=([^,]+)(?:,.*)?),p=([^,]+)$/.exec(text) ?? []
  if (withoutProof === undefined || nonce !== first.nonce || proofText === undefined) throw failed()
  const { storedKey, serverKey } = first.credential
  const message = `${first.clientFirstBare},${first.serverFirst},${withoutProof}`
  const signature = createHmac(hash, storedKey).update(message).digest()
  const proof = Buffer.from(proofText, 'base64')
  if (proof.length !== signature.length) throw failed()
  const clientKey = proof.map((byte, i) => byte ^ signature[i]!)
  if (!timingSafeEqual(createHash(hash).update(clientKey).digest(), storedKey)) throw failed()
  const verifier = createHmac(hash, serverKey).update(message).digest('base64')
  return { answer: Buffer.from(`v=${verifier}`), userName: first.userName }
}
