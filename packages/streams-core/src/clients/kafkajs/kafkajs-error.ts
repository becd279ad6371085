import { errorName } from '@millrace/kafka-protocol'
import { ClientError, type ClientErrorKind } from '../client-error.ts'
import { errorKinds } from '../error-kinds.ts'

/** What is known of an error of kafkajs; its classes are not imported, so that the application's own kafkajs is used. */
interface KafkaJsError extends Error {
  readonly retriable?: boolean
  /** Kafka's number, of errors that a broker has answered. */
  readonly code?: number | string
  /** Kafka's name, of errors that a broker has answered. */
  readonly type?: string
}

/** The broker may have carried out a request that ended so. */
const lostAnswers: readonly string[] = [
  'KafkaJSConnectionError',
  'KafkaJSConnectionClosedError',
  'KafkaJSRequestTimeoutError',
]

/** Of these, kafkajs itself says that they will not pass, or does not know; a later try may do. */
const passing: readonly string[] = [
  ...lostAnswers,
  'KafkaJSBrokerNotFound',
  'KafkaJSNoBrokerAvailableError',
  'KafkaJSGroupCoordinatorNotFound',
  'KafkaJSMetadataNotLoaded',
  'KafkaJSTopicMetadataNotLoaded',
]

/** An error of kafkajs as the runtime understands it; others as they are. */
export function fromKafkaJs(error: unknown, what: string, isCommit = false): unknown {
  if (error instanceof ClientError || !isKafkaJsError(error)) return error
  const root = rootOf(error)
  const code = codeOf(root)
  const isOutcomeUnknown = isCommit && lostAnswers.includes(root.name)
  return new ClientError(code, kindOf(root, code), `${what}: ${root.message}`, { cause: error, isOutcomeUnknown })
}

/** Whether the broker has answered with that error. */
export function isBrokerError(error: unknown, name: string): boolean {
  return isKafkaJsError(error) && codeOf(rootOf(error)) === name
}

function isKafkaJsError(error: unknown): error is KafkaJsError {
  return error instanceof Error && error.name.startsWith('KafkaJS')
}

/** Retries and aggregates wrap what has happened. */
function rootOf(error: KafkaJsError): KafkaJsError {
  let root = error
  while (typeof root.type !== 'string' && isKafkaJsError(root.cause)) root = root.cause
  return root
}

function codeOf({ name, type, code }: KafkaJsError): string {
  if (typeof type === 'string') return typeof code === 'number' ? errorName(code) : type
  if (name === 'KafkaJSSASLAuthenticationError') return 'SASL_AUTHENTICATION_FAILED'
  if (name === 'KafkaJSRequestTimeoutError') return 'CLIENT_TIMEOUT'
  return passing.includes(name) ? 'CLIENT_DISCONNECTED' : 'KAFKAJS_ERROR'
}

function kindOf({ name, type, retriable }: KafkaJsError, code: string): ClientErrorKind {
  const known = errorKinds[code]
  if (known !== undefined) return known
  if (typeof type !== 'string' && passing.includes(name)) return 'retriable'
  return retriable === true && code !== 'SASL_AUTHENTICATION_FAILED' ? 'retriable' : 'fatal'
}
