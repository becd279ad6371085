import { array, boolean, defineApi, field, int16, int32, string, struct } from '../schema.ts'

/** Moves replicas of partitions; null replicas cancel a move. v1 whether their number may change. */
export const alterPartitionReassignmentsApi = defineApi({
  key: 45,
  name: 'AlterPartitionReassignments',
  versions: '0-1',
  flexible: '0+',
  request: struct({
    timeoutMs: field(int32, '0+', { default: 60000 }),
    allowReplicationFactorChange: field(boolean, '1+', { default: true }),
    topics: field(
      array(
        struct({
          name: field(string, '0+'),
          partitions: field(
            array(
              struct({
                partitionIndex: field(int32, '0+'),
                replicas: field(array(int32), '0+', { nullable: '0+', default: null }),
              }),
            ),
            '0+',
          ),
        }),
      ),
      '0+',
    ),
  }),
  response: struct({
    throttleTimeMs: field(int32, '0+', { default: 0 }),
    allowReplicationFactorChange: field(boolean, '1+', { default: true }),
    errorCode: field(int16, '0+'),
    errorMessage: field(string, '0+', { nullable: '0+', default: null }),
    responses: field(
      array(
        struct({
          name: field(string, '0+'),
          partitions: field(
            array(
              struct({
                partitionIndex: field(int32, '0+'),
                errorCode: field(int16, '0+'),
                errorMessage: field(string, '0+', { nullable: '0+', default: null }),
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
