import { expect, test } from 'vitest'
import { startBroker } from '../../src/index.ts'
import { Wire } from '../wire.ts'

test('a thousand connections at once are all served', async () => {
  const broker = await startBroker({ memory: true })
  broker.engine.createTopic({ name: 't', partitions: 1 })
  const wires = await Promise.all(Array.from({ length: 1000 }, () => Wire.open(broker)))
  const rounds = wires.map(async (wire, i) => {
    for (let round = 0; round < 3; round++) {
      wire.request(3, 9, { topics: [{ name: 't' }] }, i)
      const { correlationId, response } = await wire.answer(3, 9)
      expect(correlationId).toBe(i)
      expect(response['topics']).toMatchObject([{ errorCode: 0 }])
    }
    wire.close()
  })
  await Promise.all(rounds)
  await broker.close()
})
