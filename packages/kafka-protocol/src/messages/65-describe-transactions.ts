import { array, bigint64, defineApi, field, int16, int32, int64, string, struct } from '../schema.ts'

/** Describes transactions by transactional id. */
export const describeTransactionsApi = defineApi({
  key: 65,
  name: 'DescribeTransactions',
  versions: '0',
  flexible: '0+',
  request: struct({
    transactionalIds: field(array(string), '0+'),
  }),
  response: struct({
    throttleTimeMs: field(int32, '0+', { default: 0 }),
    transactionStates: field(
      array(
        struct({
          errorCode: field(int16, '0+'),
          transactionalId: field(string, '0+'),
          transactionState: field(string, '0+'),
          transactionTimeoutMs: field(int32, '0+'),
          transactionStartTimeMs: field(int64, '0+'),
          producerId: field(bigint64, '0+'),
          producerEpoch: field(int16, '0+'),
          topics: field(
            array(
              struct({
                topic: field(string, '0+'),
                partitions: field(array(int32), '0+'),
              }),
            ),
            '0+',
          ),
        }),
      ),
      '0+',
    ),
  }),
})
