import { zeroUuid } from '../primitives.ts'
import { array, boolean, defineApi, field, int16, int32, int64, string, struct, uuid } from '../schema.ts'

/**
 * Reads committed offsets of a group, from v8 on of many groups. Null topics: all that were committed.
 * v6 flexible; v7 requireStable; v8 many groups; v9 KIP-848 members; v10 topics by id.
 */
export const offsetFetchApi = defineApi({
  key: 9,
  name: 'OffsetFetch',
  versions: '1-10',
  flexible: '6+',
  request: struct({
    groupId: field(string, '0-7', { default: '' }),
    topics: field(
      array(
        struct({
          name: field(string, '0-7', { default: '' }),
          partitionIndexes: field(array(int32), '0-7', { default: [] }),
        }),
      ),
      '0-7',
      { nullable: '2-7', default: [] },
    ),
    groups: field(
      array(
        struct({
          groupId: field(string, '8+', { default: '' }),
          memberId: field(string, '9+', { nullable: '9+', default: null }),
          memberEpoch: field(int32, '9+', { default: -1 }),
          topics: field(
            array(
              struct({
                name: field(string, '8-9', { default: '' }),
                topicId: field(uuid, '10+', { default: zeroUuid }),
                partitionIndexes: field(array(int32), '8+', { default: [] }),
              }),
            ),
            '8+',
            { nullable: '8+', default: [] },
          ),
        }),
      ),
      '8+',
      { default: [] },
    ),
    requireStable: field(boolean, '7+', { default: false }),
  }),
  response: struct({
    throttleTimeMs: field(int32, '3+', { default: 0 }),
    topics: field(
      array(
        struct({
          name: field(string, '0-7', { default: '' }),
          partitions: field(
            array(
              struct({
                partitionIndex: field(int32, '0-7', { default: 0 }),
                committedOffset: field(int64, '0-7', { default: 0 }),
                committedLeaderEpoch: field(int32, '5-7', { default: -1 }),
                metadata: field(string, '0-7', { nullable: '0-7', default: null }),
                errorCode: field(int16, '0-7', { default: 0 }),
              }),
            ),
            '0-7',
            { default: [] },
          ),
        }),
      ),
      '0-7',
      { default: [] },
    ),
    errorCode: field(int16, '2-7', { default: 0 }),
    groups: field(
      array(
        struct({
          groupId: field(string, '8+', { default: '' }),
          topics: field(
            array(
              struct({
                name: field(string, '8-9', { default: '' }),
                topicId: field(uuid, '10+', { default: zeroUuid }),
                partitions: field(
                  array(
                    struct({
                      partitionIndex: field(int32, '8+', { default: 0 }),
                      committedOffset: field(int64, '8+', { default: 0 }),
                      committedLeaderEpoch: field(int32, '8+', { default: -1 }),
                      metadata: field(string, '8+', { nullable: '8+', default: null }),
                      errorCode: field(int16, '8+', { default: 0 }),
                    }),
                  ),
                  '8+',
                  { default: [] },
                ),
              }),
            ),
            '8+',
            { default: [] },
          ),
          errorCode: field(int16, '8+', { default: 0 }),
        }),
      ),
      '8+',
      { default: [] },
    ),
  }),
})
