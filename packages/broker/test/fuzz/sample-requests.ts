import { RecordBatchBuilder } from '@millrace/kafka-protocol'
import {
  type Api,
  addOffsetsToTxnApi,
  addPartitionsToTxnApi,
  apiVersionsApi,
  consumerGroupHeartbeatApi,
  createPartitionsApi,
  createTopicsApi,
  deleteRecordsApi,
  deleteTopicsApi,
  describeConfigsApi,
  describeGroupsApi,
  endTxnApi,
  fetchApi,
  findCoordinatorApi,
  heartbeatApi,
  incrementalAlterConfigsApi,
  initProducerIdApi,
  joinGroupApi,
  leaveGroupApi,
  listOffsetsApi,
  metadataApi,
  offsetCommitApi,
  offsetFetchApi,
  produceApi,
  type RequestInputOf,
  syncGroupApi,
  txnOffsetCommitApi,
} from '@millrace/kafka-protocol/messages'

/** A request that the broker takes. */
export interface SampleRequest {
  readonly api: unknown
  readonly version: number
  readonly request: unknown
}

function sample<A extends Api<never, never, never, never> | object>(
  api: A,
  versions: readonly number[],
  request: RequestInputOf<A>,
): SampleRequest[] {
  return versions.map((version) => ({ api, version, request }))
}

const builder = new RecordBatchBuilder()
builder.append(1000, Buffer.from('key'), Buffer.from('value'), [{ key: 'h', value: Buffer.from('v') }])
builder.append(2000, null, null)
const records = builder.build()
const transaction = { transactionalId: 'x', producerId: 1000n, producerEpoch: 0 }
const member = { groupId: 'g', generationId: 1, memberId: 'm' }
const partition = { partitionIndex: 0, committedOffset: 1 }

/** Requests of the APIs that do something, in an old and a new version: what mutations begin with. */
export const sampleRequests: readonly SampleRequest[] = [
  sample(consumerGroupHeartbeatApi, [0, 1], {
    groupId: 'fuzz848',
    memberId: 'm',
    memberEpoch: 0,
    rebalanceTimeoutMs: 1000,
    subscribedTopicNames: ['fuzz'],
    topicPartitions: [],
  }),
  sample(produceApi, [3, 12], {
    transactionalId: null,
    acks: 1,
    timeoutMs: 100,
    topicData: [{ name: 'fuzz', partitionData: [{ index: 0, records }] }],
  }),
  sample(fetchApi, [4, 12], {
    maxWaitMs: 1,
    minBytes: 1,
    topics: [{ topic: 'fuzz', partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1000 }] }],
    forgottenTopicsData: [],
  }),
  sample(listOffsetsApi, [1, 7], {
    replicaId: -1,
    topics: [{ name: 'fuzz', partitions: [{ partitionIndex: 0, timestamp: -1 }] }],
  }),
  sample(metadataApi, [1, 12], { topics: [{ name: 'fuzz' }] }),
  sample(offsetCommitApi, [2, 8], {
    groupId: 'g',
    memberId: '',
    topics: [{ name: 'fuzz', partitions: [partition] }],
  }),
  sample(offsetFetchApi, [1, 8], { groupId: 'g', topics: null, groups: [{ groupId: 'g', topics: null }] }).slice(1),
  sample(findCoordinatorApi, [0, 4], { key: 'g', keyType: 0, coordinatorKeys: ['g'] }),
  sample(joinGroupApi, [0, 6], {
    groupId: 'g',
    sessionTimeoutMs: 6000,
    rebalanceTimeoutMs: 100,
    memberId: '',
    protocolType: 'consumer',
    protocols: [{ name: 'range', metadata: Buffer.from([0, 0, 0, 0, 0, 0]) }],
  }),
  sample(syncGroupApi, [0, 5], { ...member, protocolType: 'consumer', protocolName: 'range', assignments: [] }),
  sample(heartbeatApi, [0, 4], member),
  sample(leaveGroupApi, [0, 4], { groupId: 'g', memberId: 'm', members: [{ memberId: 'm' }] }),
  sample(describeGroupsApi, [0, 5], { groups: ['g'] }),
  sample(apiVersionsApi, [0, 3], { clientSoftwareName: 'fuzz', clientSoftwareVersion: '1' }),
  sample(createTopicsApi, [2, 7], {
    topics: [{ name: 'made', numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }],
    timeoutMs: 100,
  }),
  sample(deleteTopicsApi, [1, 6], { topics: [{ name: 'made' }], topicNames: ['made'], timeoutMs: 100 }),
  sample(createPartitionsApi, [0, 2], {
    topics: [{ name: 'made', count: 2, assignments: null }],
    timeoutMs: 100,
    validateOnly: true,
  }),
  sample(deleteRecordsApi, [0, 2], {
    topics: [{ name: 'made', partitions: [{ partitionIndex: 0, offset: 0 }] }],
    timeoutMs: 100,
  }),
  sample(describeConfigsApi, [1, 4], {
    resources: [{ resourceType: 2, resourceName: 'fuzz', configurationKeys: null }],
  }),
  sample(incrementalAlterConfigsApi, [0, 1], {
    resources: [
      {
        resourceType: 2,
        resourceName: 'fuzz',
        configs: [{ name: 'retention.ms', configOperation: 0, value: '1000000' }],
      },
    ],
    validateOnly: false,
  }),
  sample(initProducerIdApi, [0, 4], { transactionalId: 'x', transactionTimeoutMs: 1000 }),
  sample(addPartitionsToTxnApi, [0, 3], {
    v3AndBelowTransactionalId: 'x',
    v3AndBelowProducerId: 1000n,
    v3AndBelowProducerEpoch: 0,
    v3AndBelowTopics: [{ name: 'fuzz', partitions: [0] }],
  }),
  sample(addOffsetsToTxnApi, [0, 3], { ...transaction, groupId: 'g' }),
  sample(txnOffsetCommitApi, [0, 5], {
    ...transaction,
    groupId: 'g',
    topics: [{ name: 'fuzz', partitions: [partition] }],
  }),
  sample(endTxnApi, [0, 5], { ...transaction, committed: true }),
].flat()
