import { zeroUuid } from '../primitives.ts'
import {
  array,
  bigint64,
  defineApi,
  field,
  int8,
  int16,
  int32,
  int64,
  records,
  string,
  struct,
  uuid,
} from '../schema.ts'

/**
 * Reads record batches from offsets on, waiting for data if there is none.
 * v7 fetch sessions; v9 leader epochs; v12 flexible, divergence; v13 topics by id; v15 the replica's state.
 */
export const fetchApi = defineApi({
  key: 1,
  name: 'Fetch',
  versions: '4-18',
  flexible: '12+',
  request: struct({
    clusterId: field(string, '12+', { nullable: '12+', tag: 0, default: null }),
    replicaId: field(int32, '0-14', { default: -1 }),
    replicaState: field(
      struct({
        replicaId: field(int32, '15+', { default: -1 }),
        replicaEpoch: field(int64, '15+', { default: -1 }),
      }),
      '15+',
      { tag: 1, default: null },
    ),
    maxWaitMs: field(int32, '0+'),
    minBytes: field(int32, '0+'),
    maxBytes: field(int32, '3+', { default: 2147483647 }),
    isolationLevel: field(int8, '4+', { default: 0 }),
    sessionId: field(int32, '7+', { default: 0 }),
    sessionEpoch: field(int32, '7+', { default: -1 }),
    topics: field(
      array(
        struct({
          topic: field(string, '0-12', { default: '' }),
          topicId: field(uuid, '13+', { default: zeroUuid }),
          partitions: field(
            array(
              struct({
                partition: field(int32, '0+'),
                currentLeaderEpoch: field(int32, '9+', { default: -1 }),
                fetchOffset: field(int64, '0+'),
                lastFetchedEpoch: field(int32, '12+', { default: -1 }),
                logStartOffset: field(int64, '5+', { default: -1 }),
                partitionMaxBytes: field(int32, '0+'),
                replicaDirectoryId: field(uuid, '17+', { tag: 0, default: zeroUuid }),
              }),
            ),
            '0+',
          ),
        }),
      ),
      '0+',
    ),
    forgottenTopicsData: field(
      array(
        struct({
          topic: field(string, '7-12', { default: '' }),
          topicId: field(uuid, '13+', { default: zeroUuid }),
          partitions: field(array(int32), '7+', { default: [] }),
        }),
      ),
      '7+',
      { default: [] },
    ),
    rackId: field(string, '11+', { default: '' }),
  }),
  response: struct({
    throttleTimeMs: field(int32, '1+', { default: 0 }),
    errorCode: field(int16, '7+', { default: 0 }),
    sessionId: field(int32, '7+', { default: 0 }),
    responses: field(
      array(
        struct({
          topic: field(string, '0-12', { default: '' }),
          topicId: field(uuid, '13+', { default: zeroUuid }),
          partitions: field(
            array(
              struct({
                partitionIndex: field(int32, '0+'),
                errorCode: field(int16, '0+'),
                highWatermark: field(int64, '0+'),
                lastStableOffset: field(int64, '4+', { default: -1 }),
                logStartOffset: field(int64, '5+', { default: -1 }),
                divergingEpoch: field(
                  struct({
                    epoch: field(int32, '12+', { default: -1 }),
                    endOffset: field(int64, '12+', { default: -1 }),
                  }),
                  '12+',
                  { tag: 0, default: null },
                ),
                currentLeader: field(
                  struct({
                    leaderId: field(int32, '12+', { default: -1 }),
                    leaderEpoch: field(int32, '12+', { default: -1 }),
                  }),
                  '12+',
                  { tag: 1, default: null },
                ),
                snapshotId: field(
                  struct({
                    endOffset: field(int64, '0+', { default: -1 }),
                    epoch: field(int32, '0+', { default: -1 }),
                  }),
                  '12+',
                  { tag: 2, default: null },
                ),
                abortedTransactions: field(
                  array(
                    struct({
                      producerId: field(bigint64, '4+'),
                      firstOffset: field(int64, '4+'),
                    }),
                  ),
                  '4+',
                  { nullable: '4+' },
                ),
                preferredReadReplica: field(int32, '11+', { default: -1 }),
                records: field(records, '0+', { nullable: '0+' }),
              }),
            ),
            '0+',
          ),
        }),
      ),
      '0+',
    ),
    nodeEndpoints: field(
      array(
        struct({
          nodeId: field(int32, '16+', { default: 0 }),
          host: field(string, '16+', { default: '' }),
          port: field(int32, '16+', { default: 0 }),
          rack: field(string, '16+', { nullable: '16+', default: null }),
        }),
      ),
      '16+',
      { tag: 0, default: [] },
    ),
  }),
})
