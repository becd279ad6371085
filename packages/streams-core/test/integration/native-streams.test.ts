import { startBroker } from '@millrace/broker'
import { afterAll, describe } from 'vitest'
import { nativeClientSupplier } from '../../src/clients/native/native-client-supplier.ts'
import { wordCountTests } from './word-count-over-clients.ts'

describe('native, on the bundled broker', async () => {
  const broker = await startBroker({ memory: true })
  afterAll(() => broker.close())
  let names = 0
  wordCountTests(
    () => nativeClientSupplier({ bootstrapServers: broker.address, heartbeatIntervalMs: 50 }),
    (prefix) => {
      names += 1
      return `${prefix}-${names}`
    },
  )
})
