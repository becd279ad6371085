import { type Broker, startBroker } from '@millrace/broker'
import { afterAll, describe, expect, test } from 'vitest'
import { nativeClientSupplier } from '../../src/clients/native/native-client-supplier.ts'
import { rollingRestartTests } from './rolling-restart-tests.ts'
import { wordCountTests } from './word-count-over-clients.ts'

let names = 0
function uniqueName(prefix: string): string {
  names += 1
  return `${prefix}-${names}`
}

function clientsOf(broker: Broker) {
  return nativeClientSupplier({ bootstrapServers: broker.address, heartbeatIntervalMs: 50 })
}

describe('native, on the bundled broker', async () => {
  const broker = await startBroker({ memory: true })
  afterAll(() => broker.close())
  wordCountTests(() => clientsOf(broker), uniqueName)
  rollingRestartTests(() => clientsOf(broker), uniqueName)
})

describe('native, on a bundled broker that loses connections and answers', async () => {
  const broker = await startBroker({ memory: true })
  afterAll(() => broker.close())
  let befallen = 0
  // Produce, Fetch, AddPartitionsToTxn, AddOffsetsToTxn, EndTxn, TxnOffsetCommit, Heartbeat: before and after they are handled.
  for (const [i, apiKey] of [0, 1, 24, 25, 26, 28, 12].entries()) {
    let seen = 0
    const when = () => {
      seen += 1
      const isNow = seen % (5 + i) === 0
      if (isNow) befallen += 1
      return isNow
    }
    broker.control(apiKey, { disconnect: true, after: i % 2 === 0 }, { when, times: 12 })
    broker.control(apiKey, { disconnect: true, after: i % 2 === 1 }, { when, times: 12 })
  }
  wordCountTests(() => clientsOf(broker), uniqueName)

  test('faults have happened', () => {
    expect(befallen).toBeGreaterThan(20)
  })
})
