import { array, bigint64, defineApi, field, int16, int32, int64, string, struct } from '../schema.ts'

/** Writes offsets that count once the transaction commits. v3 flexible, membership of the group; v5 KIP-890. */
export const txnOffsetCommitApi = defineApi({
  key: 28,
  name: 'TxnOffsetCommit',
  versions: '0-5',
  flexible: '3+',
  request: struct({
    transactionalId: field(string, '0+'),
    groupId: field(string, '0+'),
    producerId: field(bigint64, '0+'),
    producerEpoch: field(int16, '0+'),
    generationId: field(int32, '3+', { default: -1 }),
    memberId: field(string, '3+', { default: '' }),
    groupInstanceId: field(string, '3+', { nullable: '3+', default: null }),
    topics: field(
      array(
        struct({
          name: field(string, '0+'),
          partitions: field(
            array(
              struct({
                partitionIndex: field(int32, '0+'),
                committedOffset: field(int64, '0+'),
                committedLeaderEpoch: field(int32, '2+', { default: -1 }),
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
    throttleTimeMs: field(int32, '0+', { default: 0 }),
    topics: field(
      array(
        struct({
          name: field(string, '0+'),
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
