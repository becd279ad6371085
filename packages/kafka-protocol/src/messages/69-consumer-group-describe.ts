import { array, boolean, defineApi, field, int8, int16, int32, string, struct, uuid } from '../schema.ts'

const assignment = struct({
  topicPartitions: field(
    array(
      struct({
        topicId: field(uuid, '0+'),
        topicName: field(string, '0+'),
        partitions: field(array(int32), '0+'),
      }),
    ),
    '0+',
  ),
})

/** Describes groups of the consumer group protocol (KIP-848). v1 says which protocol each member follows. */
export const consumerGroupDescribeApi = defineApi({
  key: 69,
  name: 'ConsumerGroupDescribe',
  versions: '0-1',
  flexible: '0+',
  request: struct({
    groupIds: field(array(string), '0+'),
    includeAuthorizedOperations: field(boolean, '0+'),
  }),
  response: struct({
    throttleTimeMs: field(int32, '0+', { default: 0 }),
    groups: field(
      array(
        struct({
          errorCode: field(int16, '0+'),
          errorMessage: field(string, '0+', { nullable: '0+', default: null }),
          groupId: field(string, '0+'),
          groupState: field(string, '0+'),
          groupEpoch: field(int32, '0+'),
          assignmentEpoch: field(int32, '0+'),
          assignorName: field(string, '0+'),
          members: field(
            array(
              struct({
                memberId: field(string, '0+'),
                instanceId: field(string, '0+', { nullable: '0+', default: null }),
                rackId: field(string, '0+', { nullable: '0+', default: null }),
                memberEpoch: field(int32, '0+'),
                clientId: field(string, '0+'),
                clientHost: field(string, '0+'),
                subscribedTopicNames: field(array(string), '0+'),
                subscribedTopicRegex: field(string, '0+', { nullable: '0+', default: null }),
                assignment: field(assignment, '0+'),
                targetAssignment: field(assignment, '0+'),
                memberType: field(int8, '1+', { default: -1 }),
              }),
            ),
            '0+',
          ),
          authorizedOperations: field(int32, '0+', { default: -2147483648 }),
        }),
      ),
      '0+',
    ),
  }),
})
