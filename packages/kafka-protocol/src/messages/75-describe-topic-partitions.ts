import { array, boolean, defineApi, field, int16, int32, string, struct, uuid } from '../schema.ts'

/** Describes topics page by page. */
export const describeTopicPartitionsApi = defineApi({
  key: 75,
  name: 'DescribeTopicPartitions',
  versions: '0',
  flexible: '0+',
  request: struct({
    topics: field(
      array(
        struct({
          name: field(string, '0+'),
        }),
      ),
      '0+',
    ),
    responsePartitionLimit: field(int32, '0+', { default: 2000 }),
    cursor: field(
      struct({
        topicName: field(string, '0+'),
        partitionIndex: field(int32, '0+'),
      }),
      '0+',
      { nullable: '0+', default: null },
    ),
  }),
  response: struct({
    throttleTimeMs: field(int32, '0+', { default: 0 }),
    topics: field(
      array(
        struct({
          errorCode: field(int16, '0+'),
          name: field(string, '0+', { nullable: '0+' }),
          topicId: field(uuid, '0+'),
          isInternal: field(boolean, '0+', { default: false }),
          partitions: field(
            array(
              struct({
                errorCode: field(int16, '0+'),
                partitionIndex: field(int32, '0+'),
                leaderId: field(int32, '0+'),
                leaderEpoch: field(int32, '0+', { default: -1 }),
                replicaNodes: field(array(int32), '0+'),
                isrNodes: field(array(int32), '0+'),
                eligibleLeaderReplicas: field(array(int32), '0+', { nullable: '0+', default: null }),
                lastKnownElr: field(array(int32), '0+', { nullable: '0+', default: null }),
                offlineReplicas: field(array(int32), '0+'),
              }),
            ),
            '0+',
          ),
          topicAuthorizedOperations: field(int32, '0+', { default: -2147483648 }),
        }),
      ),
      '0+',
    ),
    nextCursor: field(
      struct({
        topicName: field(string, '0+'),
        partitionIndex: field(int32, '0+'),
      }),
      '0+',
      { nullable: '0+', default: null },
    ),
  }),
})
