import { type Broker, startBroker } from '@millrace/broker'
import { Kafka, logLevel } from 'kafkajs'
import { afterAll, describe, expect, test } from 'vitest'
import { kafkaJsClientSupplier } from '../../src/clients/kafkajs/kafkajs-client-supplier.ts'
import { KafkaStreams } from '../../src/kafka-streams.ts'
import { StreamsBuilder } from '../../src/streams-builder.ts'
import { wordCountTests } from './word-count-over-clients.ts'

describe('kafkajs, on the bundled broker', async () => {
  const broker: Broker = await startBroker({ memory: true, configs: { 'group.min.session.timeout.ms': '100' } })
  afterAll(() => broker.close())
  const kafka = new Kafka({ brokers: [broker.address], logLevel: logLevel.NOTHING })
  let names = 0
  wordCountTests(
    () => kafkaJsClientSupplier(kafka, { native: { bootstrapServers: broker.address }, heartbeatIntervalMs: 30 }),
    (prefix) => {
      names += 1
      return `${prefix}-${names}`
    },
  )

  test.each([
    ['num.standby.replicas', 1],
    ['group.instance.id', 'one'],
  ])('%s is refused', (key, value) => {
    const builder = new StreamsBuilder()
    builder.stream('in').to('out')
    const clients = kafkaJsClientSupplier(kafka, { native: { bootstrapServers: broker.address } })
    const settings = { 'application.id': 'refused', mode: 'cluster', [key]: value }
    expect(() => new KafkaStreams(builder.build(), settings, clients)).toThrow(key)
  })
})
