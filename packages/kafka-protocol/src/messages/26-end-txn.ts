import { bigint64, boolean, defineApi, field, int16, int32, string, struct } from '../schema.ts'

/** Commits or aborts the running transaction. v5 answers with the producer's next epoch (KIP-890). */
export const endTxnApi = defineApi({
  key: 26,
  name: 'EndTxn',
  versions: '0-5',
  flexible: '3+',
  request: struct({
    transactionalId: field(string, '0+'),
    producerId: field(bigint64, '0+'),
    producerEpoch: field(int16, '0+'),
    committed: field(boolean, '0+'),
  }),
  response: struct({
    throttleTimeMs: field(int32, '0+', { default: 0 }),
    errorCode: field(int16, '0+'),
    producerId: field(bigint64, '5+', { default: -1n }),
    producerEpoch: field(int16, '5+', { default: -1 }),
  }),
})
