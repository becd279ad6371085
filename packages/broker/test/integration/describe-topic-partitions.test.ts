import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Broker, startBroker } from '../../src/index.ts'
import { Wire } from '../wire.ts'

let broker: Broker

beforeAll(async () => {
  broker = await startBroker({ memory: true })
  broker.engine.createTopic({ name: 'described', partitions: 1 })
})

afterAll(() => broker.close())

test('says that a partition has no eligible leaders besides its replica, for Java takes no null', async () => {
  const wire = await Wire.open(broker)
  wire.request(75, 0, { topics: [{ name: 'described' }], responsePartitionLimit: 10, cursor: null })
  const { response } = await wire.answer(75, 0)
  expect(response).toMatchObject({
    topics: [{ partitions: [{ partitionIndex: 0, replicaNodes: [1], eligibleLeaderReplicas: [], lastKnownElr: [] }] }],
  })
  wire.close()
})
