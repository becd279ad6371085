import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto'
import { saslAuthenticateApi, saslHandshakeApi } from '@millrace/kafka-protocol/messages'
import { KafkaClientError, throwIfError } from './client-error.ts'
import type { Connection } from './connection.ts'

/** Who we are, by SASL. */
export interface SaslOptions {
  readonly mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512'
  readonly username: string
  readonly password: string
}

/** Authenticates a connection. @throws KafkaClientError SASL_AUTHENTICATION_FAILED, UNSUPPORTED_SASL_MECHANISM */
export async function authenticate(connection: Connection, sasl: SaslOptions): Promise<void> {
  const handshake = await connection.request(saslHandshakeApi, { mechanism: sasl.mechanism })
  const offered = `the broker offers ${handshake.mechanisms.join(', ') || 'none'}`
  throwIfError(handshake.errorCode, `SASL ${sasl.mechanism} with ${connection.address}`, offered)
  const step = async (token: string): Promise<string> => {
    const answer = await connection.request(saslAuthenticateApi, { authBytes: Buffer.from(token) })
    throwIfError(answer.errorCode, `Authentication as ${sasl.username} with ${connection.address}`, answer.errorMessage)
    return Buffer.from(answer.authBytes).toString()
  }
  if (sasl.mechanism === 'PLAIN') await step(`\0${sasl.username}\0${sasl.password}`)
  else await scram(sasl.mechanism === 'SCRAM-SHA-256' ? 'sha256' : 'sha512', sasl, step)
}

/** RFC 5802, without channel binding. */
async function scram(hash: string, sasl: SaslOptions, step: (token: string) => Promise<string>): Promise<void> {
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

function untrusted({ username }: SaslOptions): KafkaClientError {
  const text = `The broker could not show that it knows the password of ${username}.`
  return new KafkaClientError('SASL_AUTHENTICATION_FAILED', text)
}
