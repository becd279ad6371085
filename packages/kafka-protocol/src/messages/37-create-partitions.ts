import { array, boolean, defineApi, field, int16, int32, string, struct } from '../schema.ts'

/** Raises the number of partitions of topics. */
export const createPartitionsApi = defineApi({
  key: 37,
  name: 'CreatePartitions',
  versions: '0-3',
  flexible: '2+',
  request: struct({
    topics: field(
      array(
        struct({
          name: field(string, '0+'),
          count: field(int32, '0+'),
          assignments: field(
            array(
              struct({
                brokerIds: field(array(int32), '0+'),
              }),
            ),
            '0+',
            { nullable: '0+' },
          ),
        }),
      ),
      '0+',
    ),
    timeoutMs: field(int32, '0+'),
    validateOnly: field(boolean, '0+'),
  }),
  response: struct({
    throttleTimeMs: field(int32, '0+', { default: 0 }),
    results: field(
      array(
        struct({
          name: field(string, '0+'),
          errorCode: field(int16, '0+'),
          errorMessage: field(string, '0+', { nullable: '0+', default: null }),
        }),
      ),
      '0+',
    ),
  }),
})
