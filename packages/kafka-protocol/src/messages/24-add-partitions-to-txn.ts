import { array, bigint64, defineApi, field, int16, int32, string, struct } from '../schema.ts'

/** Adds partitions to the running transaction. Later versions belong to brokers among themselves. */
export const addPartitionsToTxnApi = defineApi({
  key: 24,
  name: 'AddPartitionsToTxn',
  versions: '0-3',
  flexible: '3+',
  request: struct({
    v3AndBelowTransactionalId: field(string, '0-3'),
    v3AndBelowProducerId: field(bigint64, '0-3'),
    v3AndBelowProducerEpoch: field(int16, '0-3'),
    v3AndBelowTopics: field(
      array(
        struct({
          name: field(string, '0+'),
          partitions: field(array(int32), '0+'),
        }),
      ),
      '0-3',
    ),
  }),
  response: struct({
    throttleTimeMs: field(int32, '0+', { default: 0 }),
    resultsByTopicV3AndBelow: field(
      array(
        struct({
          name: field(string, '0+'),
          resultsByPartition: field(
            array(
              struct({
                partitionIndex: field(int32, '0+'),
                partitionErrorCode: field(int16, '0+'),
              }),
            ),
            '0+',
          ),
        }),
      ),
      '0-3',
    ),
  }),
})
