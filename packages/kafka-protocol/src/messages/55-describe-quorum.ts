import { zeroUuid } from '../primitives.ts'
import { array, defineApi, field, int16, int32, int64, string, struct, uint16, uuid } from '../schema.ts'

/** Describes the controllers' quorum. */
export const describeQuorumApi = defineApi({
  key: 55,
  name: 'DescribeQuorum',
  versions: '0-2',
  flexible: '0+',
  request: struct({
    topics: field(
      array(
        struct({
          topicName: field(string, '0+'),
          partitions: field(
            array(
              struct({
                partitionIndex: field(int32, '0+'),
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
    errorCode: field(int16, '0+'),
    errorMessage: field(string, '2+', { nullable: '2+', default: null }),
    topics: field(
      array(
        struct({
          topicName: field(string, '0+'),
          partitions: field(
            array(
              struct({
                partitionIndex: field(int32, '0+'),
                errorCode: field(int16, '0+'),
                errorMessage: field(string, '2+', { nullable: '2+', default: null }),
                leaderId: field(int32, '0+'),
                leaderEpoch: field(int32, '0+'),
                highWatermark: field(int64, '0+'),
                currentVoters: field(
                  array(
                    struct({
                      replicaId: field(int32, '0+'),
                      replicaDirectoryId: field(uuid, '2+', { default: zeroUuid }),
                      logEndOffset: field(int64, '0+'),
                      lastFetchTimestamp: field(int64, '1+', { default: -1 }),
                      lastCaughtUpTimestamp: field(int64, '1+', { default: -1 }),
                    }),
                  ),
                  '0+',
                ),
                observers: field(
                  array(
                    struct({
                      replicaId: field(int32, '0+'),
                      replicaDirectoryId: field(uuid, '2+', { default: zeroUuid }),
                      logEndOffset: field(int64, '0+'),
                      lastFetchTimestamp: field(int64, '1+', { default: -1 }),
                      lastCaughtUpTimestamp: field(int64, '1+', { default: -1 }),
                    }),
                  ),
                  '0+',
                ),
              }),
            ),
            '0+',
          ),
        }),
      ),
      '0+',
    ),
    nodes: field(
      array(
        struct({
          nodeId: field(int32, '2+', { default: 0 }),
          listeners: field(
            array(
              struct({
                name: field(string, '2+', { default: '' }),
                host: field(string, '2+', { default: '' }),
                port: field(uint16, '2+', { default: 0 }),
              }),
            ),
            '2+',
            { default: [] },
          ),
        }),
      ),
      '2+',
      { default: [] },
    ),
  }),
})
