import { zeroUuid } from '../primitives.ts'
import { array, boolean, defineApi, field, int8, int16, int32, string, struct, uuid } from '../schema.ts'

/** Creates topics. v4 -1 as number of partitions or replicas: the default; v5 flexible, the configs are answered; v7 the id. */
export const createTopicsApi = defineApi({
  key: 19,
  name: 'CreateTopics',
  versions: '2-7',
  flexible: '5+',
  request: struct({
    topics: field(
      array(
        struct({
          name: field(string, '0+'),
          numPartitions: field(int32, '0+'),
          replicationFactor: field(int16, '0+'),
          assignments: field(
            array(
              struct({
                partitionIndex: field(int32, '0+'),
                brokerIds: field(array(int32), '0+'),
              }),
            ),
            '0+',
          ),
          configs: field(
            array(
              struct({
                name: field(string, '0+'),
                value: field(string, '0+', { nullable: '0+' }),
              }),
            ),
            '0+',
          ),
        }),
      ),
      '0+',
    ),
    timeoutMs: field(int32, '0+', { default: 60000 }),
    validateOnly: field(boolean, '1+', { default: false }),
  }),
  response: struct({
    throttleTimeMs: field(int32, '2+', { default: 0 }),
    topics: field(
      array(
        struct({
          name: field(string, '0+'),
          topicId: field(uuid, '7+', { default: zeroUuid }),
          errorCode: field(int16, '0+'),
          errorMessage: field(string, '1+', { nullable: '0+', default: null }),
          topicConfigErrorCode: field(int16, '5+', { tag: 0, default: 0 }),
          numPartitions: field(int32, '5+', { default: -1 }),
          replicationFactor: field(int16, '5+', { default: -1 }),
          configs: field(
            array(
              struct({
                name: field(string, '5+', { default: '' }),
                value: field(string, '5+', { nullable: '5+', default: '' }),
                readOnly: field(boolean, '5+', { default: false }),
                configSource: field(int8, '5+', { default: -1 }),
                isSensitive: field(boolean, '5+', { default: false }),
              }),
            ),
            '5+',
            { nullable: '5+', default: [] },
          ),
        }),
      ),
      '0+',
    ),
  }),
})
