import { expect, it } from 'vitest'
import {
  decodeConsumerGroupRecord,
  encodeConsumerGroupRecord,
} from '../../../src/coordinator/consumer-group/consumer-group-records.ts'

// From Kafka 4.3.1: the members of a group that has changed over, one of them by librdkafka's classic protocol.
const member = [
  '00050009677665633835353530002769312d39303636323663612d336637302d346638612d626566612d306335303162313964356133',
  '000003693100046f6e650b2f3132372e302e302e31020476656301000493e00001004e0100002710030672616e67651a00030000000100037665630000000000000000ffffffff0000000b726f756e64726f62696e1a00030000000100037665630000000000000000ffffffff00000000',
] as const
const ownMember = [
  '000500096776656338353535300016587373617639547752736932474b5737486e6d767341',
  '000000000474776f0b2f3132372e302e302e31020476656301000493e00001000100',
] as const

it.each([
  ['by the classic protocol', member, { instanceId: 'i1', clientId: 'one', classic: { sessionTimeoutMs: 10_000 } }],
  ['by the consumer group protocol', ownMember, { instanceId: null, clientId: 'two', classic: null }],
])('the record of a member %s has Kafka’s bytes', (_, [key, value], expected) => {
  const record = decodeConsumerGroupRecord(Buffer.from(key, 'hex'), Buffer.from(value, 'hex'))
  expect(record).toMatchObject({ kind: 'member', groupId: 'gvec85550', value: { topicNames: ['vec'], ...expected } })
  const written = encodeConsumerGroupRecord(record!)
  expect([Buffer.from(written.key).toString('hex'), Buffer.from(written.value!).toString('hex')]).toEqual([key, value])
})
