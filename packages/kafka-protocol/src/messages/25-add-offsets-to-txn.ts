import { bigint64, defineApi, field, int16, int32, string, struct } from '../schema.ts'

/** Adds the offsets of a group to the running transaction. */
export const addOffsetsToTxnApi = defineApi({
  key: 25,
  name: 'AddOffsetsToTxn',
  versions: '0-4',
  flexible: '3+',
  request: struct({
    transactionalId: field(string, '0+'),
    producerId: field(bigint64, '0+'),
    producerEpoch: field(int16, '0+'),
    groupId: field(string, '0+'),
  }),
  response: struct({
    throttleTimeMs: field(int32, '0+', { default: 0 }),
    errorCode: field(int16, '0+'),
  }),
})
