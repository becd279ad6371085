import { Kafka, logLevel } from 'kafkajs'
import { expect, test } from 'vitest'
import { kafkaJsClientSupplier } from '../../src/clients/kafkajs/kafkajs-client-supplier.ts'
import { KafkaStreams } from '../../src/kafka-streams.ts'
import { StreamsBuilder } from '../../src/streams-builder.ts'

test.each([
  ['num.standby.replicas', 1],
  ['group.instance.id', 'one'],
])('kafkajs: %s is refused', (key, value) => {
  const builder = new StreamsBuilder()
  builder.stream('in').to('out')
  const kafka = new Kafka({ brokers: ['127.0.0.1:1'], logLevel: logLevel.NOTHING })
  const clients = kafkaJsClientSupplier(kafka, { native: { bootstrapServers: '127.0.0.1:1' } })
  const settings = { 'application.id': 'refused', mode: 'cluster' as const, [key]: value }
  expect(() => new KafkaStreams(builder.build(), settings, clients)).toThrow(key)
})
