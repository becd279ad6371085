import { type Broker, startBroker } from '@millrace/broker'
import { RecordBatchBuilder } from '@millrace/kafka-protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { run as runAnywhere } from '../run.ts'

let broker: Broker
const run = (args: readonly string[]) => runAnywhere([...args, '--bootstrap', broker.address])

beforeAll(async () => {
  broker = await startBroker({ memory: true })
})

afterAll(() => broker.close())

test('transactions are listed and described, with the producers of a partition', async () => {
  const { engine } = broker
  const partition = { topic: 'payments', partition: 0 }
  engine.createTopic({ name: 'payments', partitions: 1 })
  const identity = await engine.initProducerId({ transactionalId: 'teller', transactionTimeoutMs: 5000 })
  const producer = { transactionalId: 'teller', ...identity }
  expect((await run(['transactions', 'list'])).printed).toMatch(/^ID +PRODUCER +STATE\nteller +\d+ +Empty$/)
  engine.addPartitionsToTxn(producer, [partition])
  const builder = new RecordBatchBuilder()
  builder.append(Date.now(), null, Buffer.from('x'))
  engine.append(partition, builder.build({ ...identity, baseSequence: 0, isTransactional: true }))
  const described = JSON.parse((await run(['transactions', 'describe', 'teller', '--json'])).printed)
  expect(described).toMatchObject([{ id: 'teller', state: 'Ongoing', 'timeout-ms': 5000, partitions: 'payments-0' }])
  const producers = JSON.parse((await run(['transactions', 'producers', 'payments', '0', '--json'])).printed)
  expect(producers).toMatchObject([{ producer: `${identity.producerId}`, 'last-sequence': 0, 'transaction-start': 0 }])
  await engine.endTxn(producer, 'commit')
  expect((await run(['transactions', 'list', '--json'])).printed).toContain('CompleteCommit')
  expect((await run(['transactions', 'describe', 'nobody'])).complained).toContain('TRANSACTIONAL_ID_NOT_FOUND')
})
