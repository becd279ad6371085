import { zeroUuid } from '../primitives.ts'
import { array, defineApi, field, int16, int32, int64, string, struct, uuid } from '../schema.ts'

/**
 * Commits offsets of a group.
 * v5 drops the retention time; v6 leader epochs; v7 static members; v8 flexible; v9 KIP-848 members; v10 topics by id.
 */
export const offsetCommitApi = defineApi({
  key: 8,
  name: 'OffsetCommit',
  versions: '2-10',
  flexible: '8+',
  request: struct({
    groupId: field(string, '0+'),
    generationIdOrMemberEpoch: field(int32, '1+', { default: -1 }),
    memberId: field(string, '1+'),
    groupInstanceId: field(string, '7+', { nullable: '7+', default: null }),
    retentionTimeMs: field(int64, '2-4', { default: -1 }),
    topics: field(
      array(
        struct({
          name: field(string, '0-9', { default: '' }),
          topicId: field(uuid, '10+', { default: zeroUuid }),
          partitions: field(
            array(
              struct({
                partitionIndex: field(int32, '0+'),
                committedOffset: field(int64, '0+'),
                committedLeaderEpoch: field(int32, '6+', { default: -1 }),
                committedMetadata: field(string, '0+', { nullable: '0+', default: null }),
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
    throttleTimeMs: field(int32, '3+', { default: 0 }),
    topics: field(
      array(
        struct({
          name: field(string, '0-9', { default: '' }),
          topicId: field(uuid, '10+', { default: zeroUuid }),
          partitions: field(
            array(
              struct({
                partitionIndex: field(int32, '0+'),
                errorCode: field(int16, '0+'),
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
