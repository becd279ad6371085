import { randomUUID } from 'node:crypto'
import { Kafka, logLevel } from 'kafkajs'
import { describe, test } from 'vitest'
import { clientSuite } from '../../src/clients/conformance/index.ts'
import { kafkaJsClientSupplier } from '../../src/clients/kafkajs/kafkajs-client-supplier.ts'
import { wordCountTests } from '../integration/word-count-over-clients.ts'

// kafkajs on a real Kafka.

const bootstrapServers = process.env['KAFKA_BOOTSTRAP']!
const run = randomUUID().slice(0, 8)
let names = 0

function uniqueName(prefix: string): string {
  names += 1
  return `${prefix}-${run}-${names}`
}

describe('kafkajs, on a real Kafka', () => {
  const kafka = new Kafka({ brokers: bootstrapServers.split(','), logLevel: logLevel.NOTHING })
  const clients = () =>
    kafkaJsClientSupplier(kafka, { native: { bootstrapServers }, heartbeatIntervalMs: 100, sessionTimeoutMs: 6000 })
  clientSuite({ test, uniqueName, clients, sharesPartitions: true, revokes: false, nullHeaders: false })
  wordCountTests(clients, uniqueName)
})
