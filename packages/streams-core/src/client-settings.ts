import type { ClientSettings } from './clients/client-supplier.ts'

/** Which of the clients of an application. */
export type ClientKind = 'main.consumer' | 'restore.consumer' | 'global.consumer' | 'producer' | 'admin'

const connection = [
  'client.rack',
  'connections.max.idle.ms',
  'default.api.timeout.ms',
  'metadata.max.age.ms',
  'reconnect.backoff.max.ms',
  'reconnect.backoff.ms',
  'request.timeout.ms',
  'retries',
  'retry.backoff.max.ms',
  'retry.backoff.ms',
  'sasl.jaas.config',
  'sasl.mechanism',
  'sasl.password',
  'sasl.username',
  'security.protocol',
  'ssl.keystore.certificate.chain',
  'ssl.keystore.key',
  'ssl.truststore.certificates',
] as const

const consumer = [
  ...connection,
  'allow.auto.create.topics',
  'auto.offset.reset',
  'check.crcs',
  'enable.auto.commit',
  'fetch.max.bytes',
  'fetch.max.wait.ms',
  'fetch.min.bytes',
  'group.instance.id',
  'heartbeat.interval.ms',
  'isolation.level',
  'max.partition.fetch.bytes',
  'max.poll.interval.ms',
  'max.poll.records',
  'session.timeout.ms',
] as const

const producer = [
  ...connection,
  'acks',
  'batch.size',
  'buffer.memory',
  'compression.type',
  'delivery.timeout.ms',
  'enable.idempotence',
  'linger.ms',
  'max.block.ms',
  'max.in.flight.requests.per.connection',
  'max.request.size',
  'transaction.timeout.ms',
] as const

const namesByKind: { readonly [K in ClientKind]: ReadonlySet<string> } = {
  'main.consumer': new Set(consumer),
  'restore.consumer': new Set(consumer),
  'global.consumer': new Set(consumer),
  producer: new Set(producer),
  admin: new Set(connection),
}

/** From the weakest to the strongest. */
const prefixesByKind: { readonly [K in ClientKind]: readonly string[] } = {
  'main.consumer': ['consumer.', 'main.consumer.'],
  'restore.consumer': ['consumer.', 'restore.consumer.'],
  'global.consumer': ['consumer.', 'global.consumer.'],
  producer: ['producer.'],
  admin: ['admin.'],
}

/** What Kafka Streams sets where the user sets nothing. */
const defaultsByKind: { readonly [K in ClientKind]: ClientSettings } = {
  'main.consumer': { 'max.poll.records': 1000, 'auto.offset.reset': 'earliest' },
  'restore.consumer': { 'max.poll.records': 1000 },
  'global.consumer': { 'max.poll.records': 1000 },
  producer: { 'linger.ms': 100 },
  admin: {},
}

/** What nobody may change: the runtime commits, and it creates topics. */
const fixedConsumerSettings: ClientSettings = { 'enable.auto.commit': false, 'allow.auto.create.topics': false }

/** Settings of clients that may stand without a prefix. */
export const clientSettingNames: ReadonlySet<string> = new Set([...consumer, ...producer])

const allPrefixes = [...new Set(Object.values(prefixesByKind).flat())]

/** Whether a key is a setting of clients: by its name, or by its prefix. */
export function isClientSetting(key: string): boolean {
  return clientSettingNames.has(key) || allPrefixes.some((prefix) => key.startsWith(prefix))
}

/**
 * The settings of one kind of client: Streams' own defaults, then what was given without a prefix, with `consumer.`, and with the
 * client's own prefix, the last being the strongest.
 * @see org.apache.kafka.streams.StreamsConfig#getMainConsumerConfigs and its siblings
 */
export function clientSettings(properties: Readonly<{ [key: string]: unknown }>, kind: ClientKind): ClientSettings {
  const found: { [key: string]: unknown } = { ...defaultsByKind[kind] }
  for (const [key, value] of Object.entries(properties)) if (namesByKind[kind].has(key)) found[key] = value
  for (const prefix of prefixesByKind[kind]) {
    for (const [key, value] of Object.entries(properties)) {
      if (key.startsWith(prefix)) found[key.slice(prefix.length)] = value
    }
  }
  return kind.endsWith('consumer') ? { ...found, ...fixedConsumerSettings } : found
}
