import { expect, test } from 'vitest'
import { clientSettings } from '../src/client-settings.ts'
import { nativeOptions } from '../src/clients/native/native-settings.ts'
import { StreamsConfigError } from '../src/errors.ts'

test('settings of clients: Streams’ defaults, then no prefix, then consumer., then the client’s own prefix', () => {
  const properties = {
    'application.id': 'app',
    'session.timeout.ms': 1,
    'consumer.session.timeout.ms': 2,
    'consumer.fetch.max.bytes': 3,
    'main.consumer.session.timeout.ms': 4,
    'restore.consumer.fetch.max.bytes': 5,
    'producer.linger.ms': 6,
    'request.timeout.ms': 7,
    'admin.request.timeout.ms': 8,
  }
  expect(clientSettings(properties, 'main.consumer')).toEqual({
    'auto.offset.reset': 'earliest',
    'allow.auto.create.topics': false,
    'enable.auto.commit': false,
    'max.poll.records': 1000,
    'session.timeout.ms': 4,
    'fetch.max.bytes': 3,
    'request.timeout.ms': 7,
  })
  expect(clientSettings(properties, 'restore.consumer')).toMatchObject({
    'session.timeout.ms': 2,
    'fetch.max.bytes': 5,
  })
  expect(clientSettings(properties, 'producer')).toEqual({ 'linger.ms': 6, 'request.timeout.ms': 7 })
  expect(clientSettings({}, 'producer')).toEqual({ 'linger.ms': 100 })
  expect(clientSettings(properties, 'admin')).toEqual({ 'request.timeout.ms': 8 })
})

test('the runtime’s own settings of consumers cannot be changed', () => {
  expect(clientSettings({ 'consumer.enable.auto.commit': true }, 'main.consumer')['enable.auto.commit']).toBe(false)
})

test('native clients take Kafka’s names', () => {
  const settings = {
    'batch.size': 1,
    'linger.ms': '2',
    'session.timeout.ms': 3,
    'max.poll.interval.ms': 4,
    'compression.type': 'zstd',
    'max.in.flight.requests.per.connection': 1,
    'group.instance.id': 'one',
    'max.poll.records': 1000,
  }
  expect(nativeOptions(settings)).toEqual({
    batchBytes: 1,
    lingerMs: 2,
    sessionTimeoutMs: 3,
    rebalanceTimeoutMs: 4,
    compression: 'zstd',
    maxInFlightRequests: 1,
    groupInstanceId: 'one',
  })
})

test('TLS and SASL by Kafka’s names, the password also within sasl.jaas.config', () => {
  const jaas = 'org.apache.kafka.common.security.plain.PlainLoginModule required username="ada" password="secret";'
  expect(nativeOptions({ 'security.protocol': 'SASL_SSL', 'sasl.jaas.config': jaas })).toEqual({
    tls: true,
    sasl: { mechanism: 'PLAIN', username: 'ada', password: 'secret' },
  })
  expect(
    nativeOptions({
      'security.protocol': 'sasl_plaintext',
      'sasl.mechanism': 'SCRAM-SHA-512',
      'sasl.username': 'ada',
      'sasl.password': 'secret',
    }),
  ).toEqual({ sasl: { mechanism: 'SCRAM-SHA-512', username: 'ada', password: 'secret' } })
  expect(nativeOptions({ 'security.protocol': 'SSL', 'ssl.truststore.certificates': 'PEM' })).toEqual({
    tls: { ca: 'PEM' },
  })
})

test.each([
  ['linger.ms', { 'linger.ms': 'soon' }],
  ['max.in.flight.requests.per.connection', { 'max.in.flight.requests.per.connection': 6 }],
  ['compression.type', { 'compression.type': 'brotli' }],
  ['security.protocol', { 'security.protocol': 'HTTPS' }],
  ['sasl.mechanism', { 'security.protocol': 'SASL_SSL', 'sasl.mechanism': 'GSSAPI' }],
  ['sasl.jaas.config', { 'security.protocol': 'SASL_SSL' }],
])('a wrong %s is an error that names it', (key, settings) => {
  expect(() => nativeOptions(settings)).toThrow(StreamsConfigError)
  expect(() => nativeOptions(settings)).toThrow(key)
})
