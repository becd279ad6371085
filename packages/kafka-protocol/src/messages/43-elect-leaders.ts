import { array, defineApi, field, int8, int16, int32, string, struct } from '../schema.ts'

/** Elects leaders of partitions. v1 the type of the election; v2 flexible. */
export const electLeadersApi = defineApi({
  key: 43,
  name: 'ElectLeaders',
  versions: '0-2',
  flexible: '2+',
  request: struct({
    electionType: field(int8, '1+', { default: 0 }),
    topicPartitions: field(
      array(
        struct({
          topic: field(string, '0+'),
          partitions: field(array(int32), '0+'),
        }),
      ),
      '0+',
      { nullable: '0+' },
    ),
    timeoutMs: field(int32, '0+', { default: 60000 }),
  }),
  response: struct({
    throttleTimeMs: field(int32, '0+', { default: 0 }),
    errorCode: field(int16, '1+', { default: 0 }),
    replicaElectionResults: field(
      array(
        struct({
          topic: field(string, '0+'),
          partitionResult: field(
            array(
              struct({
                partitionId: field(int32, '0+'),
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
