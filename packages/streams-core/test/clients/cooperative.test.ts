import { type Broker, startBroker } from '@millrace/broker'
import { Headers } from '@millrace/serdes'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { bytesOf, recordingListener, recordsOf } from '../../src/clients/conformance/suite.ts'
import type { Consumer } from '../../src/clients/consumer.ts'
import { nativeClientSupplier } from '../../src/clients/native/native-client-supplier.ts'

// What members keep during a rebalance, and what of it may not be believed.

const topic = 't'
let broker: Broker
const closing: (() => Promise<void>)[] = []

beforeEach(async () => {
  broker = await startBroker({ memory: true, configs: { 'group.min.session.timeout.ms': '100' } })
  broker.engine.createTopic({ name: topic, partitions: 4, configs: {} })
})

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
  await broker.close()
})

const clients = () => nativeClientSupplier({ bootstrapServers: broker.address, heartbeatIntervalMs: 20 })

function member() {
  const consumer = clients().consumer({ groupId: 'g', clientId: 'c', isolation: 'read_committed' })
  closing.push(() => consumer.close())
  const listener = recordingListener(consumer)
  consumer.subscribe([topic], listener)
  const partitions = () => listener.owned.map(({ partition }) => partition).sort()
  return { consumer, listener, partitions }
}

async function pollUntil(consumers: readonly Consumer[], isDone: () => boolean): Promise<number> {
  let records = 0
  for (let left = 600; left > 0 && !isDone(); left -= 1) {
    const polled = await Promise.all(consumers.map((consumer) => consumer.poll(20)))
    records += recordsOf(polled.flat()).length
  }
  return records
}

test('a member reads on while another one is awaited', async () => {
  const one = member()
  await pollUntil([one.consumer], () => one.partitions().length === 4)
  const two = member()
  // The second one enters; the first one enters the next generation, but the second does not take its part in it.
  await two.consumer.poll(0)
  await pollUntil([one.consumer], () => one.consumer.isBetweenGenerations?.() ?? false)
  const producer = clients().producer({ clientId: 'p', transactionalId: undefined, transactionTimeoutMs: 10_000 })
  closing.push(() => producer.close())
  for (let i = 0; i < 8; i += 1) producer.send(topic, i % 4, null, bytesOf(`${i}`), 1_700_000_000_000, Headers.empty)
  await producer.flush()
  let read = await pollUntil([one.consumer, two.consumer], () => two.partitions().length === 2)
  read += await pollUntil([one.consumer, two.consumer], () => one.partitions().length + two.partitions().length === 4)
  for (let polls = 0; polls < 20 && read < 8; polls += 1) {
    read += recordsOf((await Promise.all([one.consumer.poll(20), two.consumer.poll(20)])).flat()).length
  }
  expect(read).toBeGreaterThanOrEqual(8)
  expect(one.listener.heard).toEqual(['assigned 0,1,2,3', `revoked ${two.partitions()}`])
  expect(two.listener.heard).toEqual([`assigned ${two.partitions()}`])
})

test('what is dropped by the group is not claimed as one’s own any more', async () => {
  const [one, two] = [member(), member()]
  await pollUntil([one.consumer, two.consumer], () => one.partitions().length === 2 && two.partitions().length === 2)
  const lost = one.partitions()
  // The coordinator forgets the first member; the second one gets everything before the first one hears of it.
  const { memberId } = one.consumer.groupMetadata()
  await broker.engine.groups.leave({ groupId: 'g', members: [{ memberId, groupInstanceId: null }] })
  await pollUntil([two.consumer], () => two.partitions().length === 4)
  await pollUntil([one.consumer, two.consumer], () => one.partitions().length === 2 && two.partitions().length === 2)
  expect(one.listener.heard).toContain(`lost ${lost}`)
  expect([...one.partitions(), ...two.partitions()].sort()).toEqual([0, 1, 2, 3])
})

test('a listener that fails to give something back is asked for the rest by the next poll', async () => {
  const one = member()
  await pollUntil([one.consumer], () => one.partitions().length === 4)
  const { onRevoked } = one.listener
  let failures = 0
  one.listener.onRevoked = async (partitions) => {
    await onRevoked.call(one.listener, partitions)
    failures += 1
    throw new Error('the commit has failed')
  }
  const two = member()
  const polled = async () => {
    for (;;) await Promise.all([one.consumer.poll(20), two.consumer.poll(20)])
  }
  await expect(polled()).rejects.toThrow('the commit has failed')
  await pollUntil([one.consumer, two.consumer], () => two.partitions().length === 2)
  expect(failures).toBe(1)
  expect([...one.partitions(), ...two.partitions()].sort()).toEqual([0, 1, 2, 3])
})
