import { array, bigint64, defineApi, field, int16, int32, int64, string, struct } from '../schema.ts'

/** Describes the producers that have written to partitions. */
export const describeProducersApi = defineApi({
  key: 61,
  name: 'DescribeProducers',
  versions: '0',
  flexible: '0+',
  request: struct({
    topics: field(
      array(
        struct({
          name: field(string, '0+'),
          partitionIndexes: field(array(int32), '0+'),
        }),
      ),
      '0+',
    ),
  }),
  response: struct({
    throttleTimeMs: field(int32, '0+', { default: 0 }),
    topics: field(
      array(
        struct({
          name: field(string, '0+'),
          partitions: field(
            array(
              struct({
                partitionIndex: field(int32, '0+'),
                errorCode: field(int16, '0+'),
                errorMessage: field(string, '0+', { nullable: '0+', default: null }),
                activeProducers: field(
                  array(
                    struct({
                      producerId: field(bigint64, '0+'),
                      producerEpoch: field(int32, '0+'),
                      lastSequence: field(int32, '0+', { default: -1 }),
                      lastTimestamp: field(int64, '0+', { default: -1 }),
                      coordinatorEpoch: field(int32, '0+'),
                      currentTxnStartOffset: field(int64, '0+', { default: -1 }),
                    }),
                  ),
                  '0+',
                ),
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
