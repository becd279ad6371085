import { startBroker } from '@millrace/broker'
import { nativeClientSupplier } from '@millrace/streams-core/native'
import { afterAll, describe } from 'vitest'
import { edgeTests } from '../edges-over-clients.ts'

describe('edges over the native client, on the bundled broker', async () => {
  const broker = await startBroker({ memory: true })
  afterAll(() => broker.close())
  let names = 0
  edgeTests(
    () => nativeClientSupplier({ bootstrapServers: broker.address, heartbeatIntervalMs: 50 }),
    (prefix) => {
      names += 1
      return `${prefix}-${names}`
    },
  )
})
