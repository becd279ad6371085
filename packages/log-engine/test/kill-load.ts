// Writes to the data directory named by the first argument until it is killed. Each line on standard output is something
// acknowledged: `plain N`, `committed N`, `aborted N`. Numbers begin at the second argument.
import { writeSync } from 'node:fs'
import { LogEngine } from '../src/index.ts'
import { batchOf, t0, t1, transactionalBatch } from './batches.ts'

const engine = await LogEngine.open({ dir: process.argv[2]! })
if (engine.describeTopic('t') === undefined) {
  engine.createTopic({ name: 't', partitions: 2, configs: { 'internal.segment.bytes': '20000' } })
}
const transactionalId = 'tx'
const producer = { transactionalId, ...(await engine.initProducerId({ transactionalId })) }
const acknowledge = (what: string): void => void writeSync(1, `${what}\n`)
process.send!('ready')
for (let number = Number(process.argv[3]), sequence = 0; ; number++) {
  engine.append(t0, batchOf([`plain${number}`]))
  acknowledge(`plain ${number}`)
  const value = number % 5 === 4 ? `aborted${number}` : `committed${number}`
  for (const partition of [t0, t1]) {
    engine.append(partition, transactionalBatch(producer, sequence, value, `${value}x`), { transactionalId })
  }
  sequence += 2
  if (number % 5 === 4) await engine.endTxn(producer, 'abort')
  else await engine.commitTransaction(producer, { groupId: 'g' }, [{ topic: 'in', partition: 0, offset: number }])
  acknowledge(number % 5 === 4 ? `aborted ${number}` : `committed ${number}`)
}
