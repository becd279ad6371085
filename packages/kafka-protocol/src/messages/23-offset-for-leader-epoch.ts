import { array, defineApi, field, int16, int32, int64, string, struct } from '../schema.ts'

/** Finds where a leader epoch ends. */
export const offsetForLeaderEpochApi = defineApi({
  key: 23,
  name: 'OffsetForLeaderEpoch',
  versions: '2-4',
  flexible: '4+',
  request: struct({
    replicaId: field(int32, '3+', { default: -2 }),
    topics: field(
      array(
        struct({
          topic: field(string, '0+'),
          partitions: field(
            array(
              struct({
                partition: field(int32, '0+'),
                currentLeaderEpoch: field(int32, '2+', { default: -1 }),
                leaderEpoch: field(int32, '0+'),
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
    throttleTimeMs: field(int32, '2+', { default: 0 }),
    topics: field(
      array(
        struct({
          topic: field(string, '0+'),
          partitions: field(
            array(
              struct({
                errorCode: field(int16, '0+'),
                partition: field(int32, '0+'),
                leaderEpoch: field(int32, '1+', { default: -1 }),
                endOffset: field(int64, '0+', { default: -1 }),
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
