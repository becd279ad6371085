import { type Broker, startBroker } from '@millrace/broker'
import { Kafka, logLevel } from 'kafkajs'
import { afterAll, describe } from 'vitest'
import { kafkaJsClientSupplier } from '../../src/clients/kafkajs/kafkajs-client-supplier.ts'
import { wordCountTests } from '../integration/word-count-over-clients.ts'

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
})
