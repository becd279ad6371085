import { randomUUID } from 'node:crypto'
import { describe } from 'vitest'
import { nativeClientSupplier } from '../../src/clients/native/native-client-supplier.ts'
import { wordCountTests } from '../integration/word-count-over-clients.ts'

const bootstrapServers = process.env['KAFKA_BOOTSTRAP']!

describe('native, on a real Kafka', () => {
  wordCountTests(
    () => nativeClientSupplier({ bootstrapServers, heartbeatIntervalMs: 100 }),
    (prefix) => `${prefix}-${randomUUID().slice(0, 8)}`,
  )
})
