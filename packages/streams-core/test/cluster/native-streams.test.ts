import { randomUUID } from 'node:crypto'
import { describe } from 'vitest'
import { nativeClientSupplier } from '../../src/clients/native/native-client-supplier.ts'
import { rollingRestartTests } from '../integration/rolling-restart-tests.ts'
import { wordCountTests } from '../integration/word-count-over-clients.ts'

const bootstrapServers = process.env['KAFKA_BOOTSTRAP']!

describe('native, on a real Kafka', () => {
  const clients = () => nativeClientSupplier({ bootstrapServers, heartbeatIntervalMs: 100 })
  const uniqueName = (prefix: string) => `${prefix}-${randomUUID().slice(0, 8)}`
  wordCountTests(clients, uniqueName)
  rollingRestartTests(clients, uniqueName)
})
