import { zeroUuid } from '../primitives.ts'
import { array, defineApi, field, int16, int32, int64, records, string, struct, uuid } from '../schema.ts'

/**
 * Appends record batches to partitions. A request with acks 0 has no answer at all.
 * v9 flexible; v10 the current leader; v12 a partition joins the transaction by itself; v13 topics by id.
 */
export const produceApi = defineApi({
  key: 0,
  name: 'Produce',
  versions: '3-13',
  flexible: '9+',
  request: struct({
    transactionalId: field(string, '3+', { nullable: '3+', default: null }),
    acks: field(int16, '0+'),
    timeoutMs: field(int32, '0+'),
    topicData: field(
      array(
        struct({
          name: field(string, '0-12', { default: '' }),
          topicId: field(uuid, '13+', { default: zeroUuid }),
          partitionData: field(
            array(
              struct({
                index: field(int32, '0+'),
                records: field(records, '0+', { nullable: '0+' }),
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
    responses: field(
      array(
        struct({
          name: field(string, '0-12', { default: '' }),
          topicId: field(uuid, '13+', { default: zeroUuid }),
          partitionResponses: field(
            array(
              struct({
                index: field(int32, '0+'),
                errorCode: field(int16, '0+'),
                baseOffset: field(int64, '0+'),
                logAppendTimeMs: field(int64, '2+', { default: -1 }),
                logStartOffset: field(int64, '5+', { default: -1 }),
                recordErrors: field(
                  array(
                    struct({
                      batchIndex: field(int32, '8+', { default: 0 }),
                      batchIndexErrorMessage: field(string, '8+', { nullable: '8+', default: null }),
                    }),
                  ),
                  '8+',
                  { default: [] },
                ),
                errorMessage: field(string, '8+', { nullable: '8+', default: null }),
                currentLeader: field(
                  struct({
                    leaderId: field(int32, '10+', { default: -1 }),
                    leaderEpoch: field(int32, '10+', { default: -1 }),
                  }),
                  '10+',
                  { tag: 0, default: null },
                ),
              }),
            ),
            '0+',
          ),
        }),
      ),
      '0+',
    ),
    throttleTimeMs: field(int32, '1+', { default: 0 }),
    nodeEndpoints: field(
      array(
        struct({
          nodeId: field(int32, '10+', { default: 0 }),
          host: field(string, '10+', { default: '' }),
          port: field(int32, '10+', { default: 0 }),
          rack: field(string, '10+', { nullable: '10+', default: null }),
        }),
      ),
      '10+',
      { tag: 0, default: [] },
    ),
  }),
})
