import { randomUUID } from 'node:crypto'
import { describe, test } from 'vitest'
import { clientSuite } from '../../src/clients/conformance/index.ts'
import { nativeClientSupplier } from '../../src/clients/native/native-client-supplier.ts'

// The suite of the client adapters on a real Kafka.

const bootstrapServers = process.env['KAFKA_BOOTSTRAP']!
const run = randomUUID().slice(0, 8)
let names = 0

function uniqueName(prefix: string): string {
  names += 1
  return `${prefix}-${run}-${names}`
}

describe('native, on a real Kafka', () => {
  const clients = () => nativeClientSupplier({ bootstrapServers, heartbeatIntervalMs: 100 })
  clientSuite({ test, uniqueName, clients, sharesPartitions: true })
})
