import { type Broker, startBroker } from '@millrace/broker'
import { apis } from '@millrace/kafka-protocol/messages'
import { LogEngine, memoryFileSystem } from '@millrace/log-engine'
import { Kafka, logLevel } from 'kafkajs'
import { afterAll, describe, test } from 'vitest'
import { clientSuite } from '../../src/clients/conformance/index.ts'
import { transactionSuite } from '../../src/clients/conformance/transactions.ts'
import { embeddedClientSupplier } from '../../src/clients/embedded/embedded-client-supplier.ts'
import { kafkaJsClientSupplier } from '../../src/clients/kafkajs/kafkajs-client-supplier.ts'
import { nativeClientSupplier } from '../../src/clients/native/native-client-supplier.ts'

let names = 0
function uniqueName(prefix: string): string {
  names += 1
  return `${prefix}-${names}`
}

describe('embedded', async () => {
  const engine = await LogEngine.open({ dir: 'log', fileSystem: memoryFileSystem() })
  afterAll(() => engine.close())
  clientSuite({ test, uniqueName, clients: () => embeddedClientSupplier(engine), sharesPartitions: true })
})

describe('native, on the bundled broker', async () => {
  const broker: Broker = await startBroker({ memory: true, configs: { 'group.min.session.timeout.ms': '100' } })
  afterAll(() => broker.close())
  const clients = () => nativeClientSupplier({ bootstrapServers: broker.address, heartbeatIntervalMs: 30 })
  clientSuite({ test, uniqueName, clients, sharesPartitions: true })
})

describe('native, on a bundled broker of transaction version 0', async () => {
  const broker: Broker = await startBroker({ memory: true })
  afterAll(() => broker.close())
  const newest: Record<number, number> = { 0: 11, 26: 4, 28: 4 }
  const apiKeys = Object.values(apis).map(({ key, minVersion, maxVersion }) => ({
    apiKey: key,
    minVersion,
    maxVersion: newest[key] ?? maxVersion,
  }))
  broker.control(18, { reply: () => ({ errorCode: 0, apiKeys }) })
  const clients = () => nativeClientSupplier({ bootstrapServers: broker.address, heartbeatIntervalMs: 30 })
  transactionSuite({ test, uniqueName, clients, sharesPartitions: true })
})

describe('kafkajs, on the bundled broker', async () => {
  const broker: Broker = await startBroker({ memory: true, configs: { 'group.min.session.timeout.ms': '100' } })
  afterAll(() => broker.close())
  const kafka = new Kafka({ brokers: [broker.address], logLevel: logLevel.NOTHING })
  const native = { bootstrapServers: broker.address }
  const clients = () => kafkaJsClientSupplier(kafka, { native, heartbeatIntervalMs: 30, sessionTimeoutMs: 6000 })
  clientSuite({ test, uniqueName, clients, sharesPartitions: true, revokes: false, nullHeaders: false })
})
