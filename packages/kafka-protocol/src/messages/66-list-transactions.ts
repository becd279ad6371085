import { array, bigint64, defineApi, field, int16, int32, int64, string, struct } from '../schema.ts'

/** Lists transactions. v1 those that run for long; v2 by pattern. */
export const listTransactionsApi = defineApi({
  key: 66,
  name: 'ListTransactions',
  versions: '0-2',
  flexible: '0+',
  request: struct({
    stateFilters: field(array(string), '0+'),
    producerIdFilters: field(array(bigint64), '0+'),
    durationFilter: field(int64, '1+', { default: -1 }),
    transactionalIdPattern: field(string, '2+', { nullable: '2+', default: null }),
  }),
  response: struct({
    throttleTimeMs: field(int32, '0+', { default: 0 }),
    errorCode: field(int16, '0+'),
    unknownStateFilters: field(array(string), '0+'),
    transactionStates: field(
      array(
        struct({
          transactionalId: field(string, '0+'),
          producerId: field(bigint64, '0+'),
          transactionState: field(string, '0+'),
        }),
      ),
      '0+',
    ),
  }),
})
