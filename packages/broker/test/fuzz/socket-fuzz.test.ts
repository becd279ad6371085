import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Broker, startBroker } from '../../src/index.ts'
import { Wire } from '../wire.ts'
import { FrameGenerator, seeded } from './frame-generator.ts'

// SEED and FRAMES from the environment: FRAMES=200000 is the long run.
const seed = Number(process.env['SEED'] ?? 1)
const frameCount = Number(process.env['FRAMES'] ?? 4000)

let broker: Broker
let faults: string[]

beforeAll(async () => {
  faults = []
  broker = await startBroker({
    memory: true,
    configs: { 'queued.max.request.bytes': '33554432', 'max.partitions': '200' },
    // A closed connection is a line; a failed handler is a fault of ours.
    onLog: (message) => {
      if (!message.startsWith('Connection from')) faults.push(message)
    },
  })
  broker.engine.createTopic({ name: 'fuzz', partitions: 1 })
})

afterAll(() => broker.close())

/** A client that goes on doing what clients do, and notices when something is wrong. */
async function wellBehaved(isOver: () => boolean): Promise<number> {
  const wire = await Wire.open(broker)
  let rounds = 0
  while (!isOver()) {
    wire.request(18, 3, { clientSoftwareName: 'well-behaved', clientSoftwareVersion: '1' }, rounds)
    const { correlationId, response } = await wire.answer(18, 3)
    expect({ correlationId, errorCode: response['errorCode'] }).toEqual({ correlationId: rounds, errorCode: 0 })
    wire.request(3, 12, { topics: [{ name: 'fuzz' }] }, rounds)
    expect((await wire.answer(3, 12)).response['topics']).toMatchObject([{ errorCode: 0, name: 'fuzz' }])
    rounds++
    await new Promise(setImmediate)
  }
  wire.close()
  return rounds
}

test(`answers or closes, whatever comes: ${frameCount} frames, seed ${seed}`, async () => {
  const random = seeded(seed)
  const generator = new FrameGenerator(random)
  let sent = 0
  const watching = wellBehaved(() => sent >= frameCount)
  const attack = async (): Promise<void> => {
    while (sent < frameCount) {
      const wire = await Wire.open(broker)
      // Some do not read, some go away in the midst of a frame.
      if (random() < 0.1) wire.socket.pause()
      for (let left = 1 + Math.floor(random() * 40); left > 0 && !wire.isClosed && sent < frameCount; left--) {
        const frame = generator.next()
        wire.write(random() < 0.05 ? frame.subarray(0, Math.floor(random() * frame.length)) : frame)
        sent++
        if (random() < 0.2) await new Promise(setImmediate)
      }
      if (random() < 0.5) wire.close()
      else wire.socket.end()
    }
  }
  await Promise.all(Array.from({ length: 8 }, attack))
  expect(await watching).toBeGreaterThan(0)
  expect(faults).toEqual([])
}, 1_200_000)

test('connections that begin large frames and stop are kept within the memory limit', async () => {
  const wires = await Promise.all(Array.from({ length: 20 }, () => Wire.open(broker)))
  const size = Buffer.alloc(4)
  size.writeInt32BE(90_000_000)
  const before = process.memoryUsage().rss
  for (const wire of wires) {
    wire.write(size)
    wire.write(Buffer.alloc(8_000_000))
  }
  const other = await Wire.open(broker)
  for (let i = 0; i < 50; i++) {
    other.request(18, 0, {}, i)
    expect((await other.answer(18, 0)).correlationId).toBe(i)
  }
  // The bytes themselves are in this process too: 160 MB are written, and the broker takes up to its limit.
  expect(process.memoryUsage().rss - before).toBeLessThan(300_000_000)
  for (const wire of [...wires, other]) wire.close()
})
