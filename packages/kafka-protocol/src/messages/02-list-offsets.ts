import { array, defineApi, field, int8, int16, int32, int64, string, struct } from '../schema.ts'

/**
 * Finds an offset by time: -1 latest, -2 earliest, -3 that of the largest timestamp, -4 earliest local, -5 latest tiered.
 * v2 isolation level; v4 leader epochs; v6 flexible; v7 -3; v8 -4; v9 -5; v10 a time-out; v11 -6.
 */
export const listOffsetsApi = defineApi({
  key: 2,
  name: 'ListOffsets',
  versions: '1-11',
  flexible: '6+',
  request: struct({
    replicaId: field(int32, '0+'),
    isolationLevel: field(int8, '2+', { default: 0 }),
    topics: field(
      array(
        struct({
          name: field(string, '0+'),
          partitions: field(
            array(
              struct({
                partitionIndex: field(int32, '0+'),
                currentLeaderEpoch: field(int32, '4+', { default: -1 }),
                timestamp: field(int64, '0+'),
              }),
            ),
            '0+',
          ),
        }),
      ),
      '0+',
    ),
    timeoutMs: field(int32, '10+', { default: 0 }),
  }),
  response: struct({
    throttleTimeMs: field(int32, '2+', { default: 0 }),
    topics: field(
      array(
        struct({
          name: field(string, '0+'),
          partitions: field(
            array(
              struct({
                partitionIndex: field(int32, '0+'),
                errorCode: field(int16, '0+'),
                timestamp: field(int64, '1+', { default: -1 }),
                offset: field(int64, '1+', { default: -1 }),
                leaderEpoch: field(int32, '4+', { default: -1 }),
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
