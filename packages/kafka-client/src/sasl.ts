import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto'
import { saslAuthenticateApi, saslHandshakeApi } from '@millrace/kafka-protocol/messages'
import { KafkaClientError, throwIfError } from './client-error.ts'
import type { Connection } from './connection.ts'

/** A name and its password. */
export interface SaslPassword {
  readonly mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512'
  readonly username: string
  readonly password: string
}

/** A token of OAuth 2, for OAUTHBEARER. */
export interface SaslToken {
  /** As it came from the authorization server. */
  readonly value: string
  /** SASL extensions (KIP-342). */
  readonly extensions?: Readonly<Record<string, string>>
}

/** Tokens, asked for at each new connection. */
export interface SaslBearer {
  readonly mechanism: 'OAUTHBEARER'
  readonly token: () => SaslToken | Promise<SaslToken>
}

/** Who we are, by SASL. */
export type SaslOptions = SaslPassword | SaslBearer

/**
 * Authenticates a connection. Resolves to how long that holds, ms; 0: as long as the connection.
 * @throws KafkaClientError SASL_AUTHENTICATION_FAILED, UNSUPPORTED_SASL_MECHANISM
 */
export async function authenticate(connection: Connection, sasl: SaslOptions): Promise<number> {
  const { mechanism } = sasl
  const handshake = await connection.request(saslHandshakeApi, { mechanism })
  const offered = `the broker offers ${handshake.mechanisms.join(', ') || 'none'}`
  throwIfError(handshake.errorCode, `SASL ${mechanism} with ${connection.address}`, offered)
  let lifetimeMs = 0
  const who = mechanism === 'OAUTHBEARER' ? 'by a token' : `as '${sasl.username}'`
  const step = async (token: string): Promise<string> => {
    const answer = await connection.request(saslAuthenticateApi, { authBytes: Buffer.from(token) })
    const what = `SASL ${mechanism} authentication ${who} with ${connection.address} failed`
    throwIfError(answer.errorCode, what, answer.errorMessage)
    lifetimeMs = answer.sessionLifetimeMs
    return Buffer.from(answer.authBytes).toString()
  }
  if (mechanism === 'OAUTHBEARER') await bearer(connection, await sasl.token(), step)
  else if (mechanism === 'PLAIN') await step(`\0${sasl.username}\0${sasl.password}`)
  else await scram(mechanism === 'SCRAM-SHA-256' ? 'sha256' : 'sha512', sasl, step)
  return lifetimeMs
}

/** RFC 7628. Who is refused is told why, and has to confirm it. */
async function bearer(
  connection: Connection,
  { value, extensions = {} }: SaslToken,
  step: (token: string) => Promise<string>,
): Promise<void> {
  const more = Object.entries(extensions).map(([name, text]) => `${name}=${text}\u0001`)
  const refusal = await step(`n,,\u0001auth=Bearer ${value}\u0001${more.join('')}\u0001`)
  if (refusal === '') return
  await step('\u0001')
  const text = `SASL OAUTHBEARER authentication by a token with ${connection.address} failed: ${refusal}`
  throw new KafkaClientError('SASL_AUTHENTICATION_FAILED', text)
}

/** RFC 5802, without channel binding. */
async function scram(hash: string, sasl: SaslPassword, step: (token: string) => Promise<string>): Promise<void> {
  const nonce = randomBytes(18).toString('base64url')
  const name = sasl.username.replace(/=/g, '=3D').replace(/,/g, '=2C')
  const clientFirst = `n=${name},r=${nonce}`
  const serverFirst = await step(`n,,${clientFirst}`)
  const [, fullNonce = '', salt = '', iterations = ''] = /^r=([^,]+),s=([^,]+),i=(\d+)/.exec(serverFirst) ?? []
  if (!fullNonce.startsWith(nonce)) throw untrusted(sasl)
  const length = createHash(hash).digest().length
  const salted = pbkdf2Sync(sasl.password, Buffer.from(salt, 'base64'), Number(iterations), length, hash)
  const clientKey = createHmac(hash, salted).update('Client Key').digest()
  const storedKey = createHash(hash).update(clientKey).digest()
  const withoutProof = `c=biws,r=${fullNonce}`
  const message = `${clientFirst},${serverFirst},${withoutProof}`
  const signature = createHmac(hash, storedKey).update(message).digest()
  const proof = Buffer.from(clientKey.map((byte, i) => byte ^ signature[i]!)).toString('base64')
  const serverFinal = await step(`${withoutProof},p=${proof}`)
  const serverKey = createHmac(hash, salted).update('Server Key').digest()
  const verifier = createHmac(hash, serverKey).update(message).digest('base64')
  if (serverFinal !== `v=${verifier}`) throw untrusted(sasl)
}

function untrusted({ username }: SaslPassword): KafkaClientError {
  const text = `The broker could not show that it knows the password of ${username}.`
  return new KafkaClientError('SASL_AUTHENTICATION_FAILED', text)
}
