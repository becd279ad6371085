import { bigint64, defineApi, field, int16, int32, string, struct } from '../schema.ts'

/** Hands out a producer id, or the next epoch of a transactional id. v2 flexible; v3 a producer may bump its own epoch. */
export const initProducerIdApi = defineApi({
  key: 22,
  name: 'InitProducerId',
  versions: '0-5',
  flexible: '2+',
  request: struct({
    transactionalId: field(string, '0+', { nullable: '0+' }),
    transactionTimeoutMs: field(int32, '0+'),
    producerId: field(bigint64, '3+', { default: -1n }),
    producerEpoch: field(int16, '3+', { default: -1 }),
  }),
  response: struct({
    throttleTimeMs: field(int32, '0+', { default: 0 }),
    errorCode: field(int16, '0+'),
    producerId: field(bigint64, '0+', { default: -1n }),
    producerEpoch: field(int16, '0+'),
  }),
})
