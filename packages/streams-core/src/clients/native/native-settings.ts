import { type CompressionType, compressionTypes } from '@millrace/kafka-protocol'
import { StreamsConfigError } from '../../errors.ts'
import type { ClientSettings } from '../client-supplier.ts'
import type { NativeClientOptions } from './native-client-options.ts'

type Options = { -readonly [P in keyof NativeClientOptions]?: NativeClientOptions[P] }

/** Kafka's names of settings that are one number here. */
const numbers = {
  'batch.size': 'batchBytes',
  'buffer.memory': 'bufferMemoryBytes',
  'default.api.timeout.ms': 'retryTimeoutMs',
  'delivery.timeout.ms': 'deliveryTimeoutMs',
  'fetch.max.bytes': 'fetchMaxBytes',
  'heartbeat.interval.ms': 'heartbeatIntervalMs',
  'linger.ms': 'lingerMs',
  'max.partition.fetch.bytes': 'maxPartitionFetchBytes',
  'max.poll.interval.ms': 'rebalanceTimeoutMs',
  'request.timeout.ms': 'requestTimeoutMs',
  'session.timeout.ms': 'sessionTimeoutMs',
} as const satisfies { readonly [key: string]: keyof NativeClientOptions }

/**
 * Settings by Kafka's dotted names as the options of the native clients; those that these do not have are left out.
 * @throws StreamsConfigError for a value that is not allowed
 */
export function nativeOptions(settings: ClientSettings = {}): Partial<NativeClientOptions> {
  const options: Options = {}
  for (const [key, name] of Object.entries(numbers)) {
    if (settings[key] !== undefined) options[name] = wholeNumber(key, settings[key])
  }
  const instanceId = settings['group.instance.id']
  if (instanceId !== undefined) options.groupInstanceId = String(instanceId)
  const inFlight = settings['max.in.flight.requests.per.connection']
  if (inFlight !== undefined) options.maxInFlightRequests = requestsInFlight(inFlight)
  const compression = settings['compression.type']
  if (compression !== undefined) options.compression = compressionType(compression)
  return { ...options, ...security(settings) }
}

function wholeNumber(key: string, given: unknown): number {
  const value = typeof given === 'string' ? Number(given) : given
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
  throw new StreamsConfigError(key, `Setting '${key}' is '${String(given)}'; it must be a whole number of at least 0.`)
}

/** Brokers remember five batches of a producer; with more under way order would be lost after a fault. */
function requestsInFlight(given: unknown): 1 | 2 | 3 | 4 | 5 {
  const key = 'max.in.flight.requests.per.connection'
  const value = wholeNumber(key, given)
  if (value >= 1 && value <= 5) return value as 1 | 2 | 3 | 4 | 5
  throw new StreamsConfigError(key, `Setting '${key}' is ${value}; it must be 1 to 5, so that order is kept.`)
}

function compressionType(given: unknown): CompressionType {
  const found = compressionTypes.find((type) => type === given)
  if (found !== undefined) return found
  throw new StreamsConfigError(
    'compression.type',
    `Setting 'compression.type' is '${String(given)}'; it must be one of ${compressionTypes.join(', ')}.`,
  )
}

const protocols: { readonly [name: string]: { readonly tls: boolean; readonly sasl: boolean } } = {
  PLAINTEXT: { tls: false, sasl: false },
  SSL: { tls: true, sasl: false },
  SASL_PLAINTEXT: { tls: false, sasl: true },
  SASL_SSL: { tls: true, sasl: true },
}

function security(settings: ClientSettings): Pick<Options, 'tls' | 'sasl'> {
  const name = settings['security.protocol']
  if (name === undefined) return {}
  const protocol = protocols[String(name).toUpperCase()]
  if (protocol === undefined) {
    throw new StreamsConfigError(
      'security.protocol',
      `Setting 'security.protocol' is '${String(name)}'; it must be one of ${Object.keys(protocols).join(', ')}.`,
    )
  }
  return {
    ...(protocol.tls ? { tls: certificates(settings) } : {}),
    ...(protocol.sasl ? { sasl: credentials(settings) } : {}),
  }
}

/** PEM texts (KIP-651). */
function certificates(settings: ClientSettings): NonNullable<NativeClientOptions['tls']> {
  const [ca, cert, key] = [
    settings['ssl.truststore.certificates'],
    settings['ssl.keystore.certificate.chain'],
    settings['ssl.keystore.key'],
  ]
  if (ca === undefined && cert === undefined) return true
  return {
    ...(ca === undefined ? {} : { ca: String(ca) }),
    ...(cert === undefined ? {} : { cert: String(cert) }),
    ...(key === undefined ? {} : { key: String(key) }),
  }
}

const mechanisms = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const

/** From `sasl.username` and `sasl.password`, or from the same words within Java's `sasl.jaas.config`. */
function credentials(settings: ClientSettings): NonNullable<NativeClientOptions['sasl']> {
  const given = settings['sasl.mechanism'] ?? 'PLAIN'
  const mechanism = mechanisms.find((one) => one === given)
  if (mechanism === undefined) {
    throw new StreamsConfigError(
      'sasl.mechanism',
      `Setting 'sasl.mechanism' is '${String(given)}'; it must be one of ${mechanisms.join(', ')}. For others make the clients yourself (millrace/native).`,
    )
  }
  const jaas = String(settings['sasl.jaas.config'] ?? '')
  const username = settings['sasl.username'] ?? /\busername="([^"]*)"/.exec(jaas)?.[1]
  const password = settings['sasl.password'] ?? /\bpassword="([^"]*)"/.exec(jaas)?.[1]
  if (typeof username === 'string' && typeof password === 'string') return { mechanism, username, password }
  throw new StreamsConfigError(
    'sasl.jaas.config',
    `SASL ${mechanism} needs a name and a password: set sasl.username and sasl.password, or sasl.jaas.config with username="…" password="…".`,
  )
}
