import { array, defineApi, field, int16, int32, string, struct } from '../schema.ts'

/** Lists replicas that are being moved. */
export const listPartitionReassignmentsApi = defineApi({
  key: 46,
  name: 'ListPartitionReassignments',
  versions: '0',
  flexible: '0+',
  request: struct({
    timeoutMs: field(int32, '0+', { default: 60000 }),
    topics: field(
      array(
        struct({
          name: field(string, '0+'),
          partitionIndexes: field(array(int32), '0+'),
        }),
      ),
      '0+',
      { nullable: '0+', default: null },
    ),
  }),
  response: struct({
    throttleTimeMs: field(int32, '0+', { default: 0 }),
    errorCode: field(int16, '0+'),
    errorMessage: field(string, '0+', { nullable: '0+', default: null }),
    topics: field(
      array(
        struct({
          name: field(string, '0+'),
          partitions: field(
            array(
              struct({
                partitionIndex: field(int32, '0+'),
                replicas: field(array(int32), '0+'),
                addingReplicas: field(array(int32), '0+'),
                removingReplicas: field(array(int32), '0+'),
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
