import { zeroUuid } from '../primitives.ts'
import { array, boolean, defineApi, field, int16, int32, string, struct, uuid } from '../schema.ts'

/**
 * Describes brokers, topics and partitions, and creates missing topics when asked to. Null topics: all of them.
 * v4 whether to create; v5 offline replicas; v9 flexible; v10 topic ids; v12 topics by id; v13 an error for the whole.
 */
export const metadataApi = defineApi({
  key: 3,
  name: 'Metadata',
  versions: '0-13',
  flexible: '9+',
  request: struct({
    topics: field(
      array(
        struct({
          topicId: field(uuid, '10+', { default: zeroUuid }),
          name: field(string, '0+', { nullable: '10+' }),
        }),
      ),
      '0+',
      { nullable: '1+' },
    ),
    allowAutoTopicCreation: field(boolean, '4+', { default: true }),
    includeClusterAuthorizedOperations: field(boolean, '8-10', { default: false }),
    includeTopicAuthorizedOperations: field(boolean, '8+', { default: false }),
  }),
  response: struct({
    throttleTimeMs: field(int32, '3+', { default: 0 }),
    brokers: field(
      array(
        struct({
          nodeId: field(int32, '0+'),
          host: field(string, '0+'),
          port: field(int32, '0+'),
          rack: field(string, '1+', { nullable: '1+', default: null }),
        }),
      ),
      '0+',
    ),
    clusterId: field(string, '2+', { nullable: '2+', default: null }),
    controllerId: field(int32, '1+', { default: -1 }),
    topics: field(
      array(
        struct({
          errorCode: field(int16, '0+'),
          name: field(string, '0+', { nullable: '12+' }),
          topicId: field(uuid, '10+', { default: zeroUuid }),
          isInternal: field(boolean, '1+', { default: false }),
          partitions: field(
            array(
              struct({
                errorCode: field(int16, '0+'),
                partitionIndex: field(int32, '0+'),
                leaderId: field(int32, '0+'),
                leaderEpoch: field(int32, '7+', { default: -1 }),
                replicaNodes: field(array(int32), '0+'),
                isrNodes: field(array(int32), '0+'),
                offlineReplicas: field(array(int32), '5+', { default: [] }),
              }),
            ),
            '0+',
          ),
          topicAuthorizedOperations: field(int32, '8+', { default: -2147483648 }),
        }),
      ),
      '0+',
    ),
    clusterAuthorizedOperations: field(int32, '8-10', { default: -2147483648 }),
    errorCode: field(int16, '13+', { default: 0 }),
  }),
})
