import { randomUUID } from 'node:crypto'
import { nativeClientSupplier } from '@millrace/streams-core/native'
import { describe } from 'vitest'
import { edgeTests } from '../edges-over-clients.ts'

const bootstrapServers = process.env['KAFKA_BOOTSTRAP']!

describe('edges over the native client, on a real Kafka', () => {
  edgeTests(
    () => nativeClientSupplier({ bootstrapServers, heartbeatIntervalMs: 100 }),
    (prefix) => `${prefix}-${randomUUID().slice(0, 8)}`,
  )
})
