import { array, defineApi, field, int16, int32, string, struct, uuid } from '../schema.ts'

const topicPartitions = array(
  struct({
    topicId: field(uuid, '0+'),
    partitions: field(array(int32), '0+'),
  }),
)

/**
 * Keeps a member of a consumer group alive, and tells it its assignment (KIP-848).
 * v1 expressions, and member ids that the members choose.
 */
export const consumerGroupHeartbeatApi = defineApi({
  key: 68,
  name: 'ConsumerGroupHeartbeat',
  versions: '0-1',
  flexible: '0+',
  request: struct({
    groupId: field(string, '0+'),
    memberId: field(string, '0+'),
    memberEpoch: field(int32, '0+'),
    instanceId: field(string, '0+', { nullable: '0+', default: null }),
    rackId: field(string, '0+', { nullable: '0+', default: null }),
    rebalanceTimeoutMs: field(int32, '0+', { default: -1 }),
    subscribedTopicNames: field(array(string), '0+', { nullable: '0+', default: null }),
    subscribedTopicRegex: field(string, '1+', { nullable: '1+', default: null }),
    serverAssignor: field(string, '0+', { nullable: '0+', default: null }),
    topicPartitions: field(topicPartitions, '0+', { nullable: '0+', default: null }),
  }),
  response: struct({
    throttleTimeMs: field(int32, '0+', { default: 0 }),
    errorCode: field(int16, '0+'),
    errorMessage: field(string, '0+', { nullable: '0+', default: null }),
    memberId: field(string, '0+', { nullable: '0+', default: null }),
    memberEpoch: field(int32, '0+'),
    heartbeatIntervalMs: field(int32, '0+'),
    assignment: field(struct({ topicPartitions: field(topicPartitions, '0+') }), '0+', {
      nullable: '0+',
      default: null,
    }),
  }),
})
