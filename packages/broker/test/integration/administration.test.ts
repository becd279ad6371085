import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Broker, startBroker } from '../../src/index.ts'
import { Wire } from '../wire.ts'

let broker: Broker
let wire: Wire

beforeEach(async () => {
  broker = await startBroker({ memory: true, users: [{ name: 'u', password: 'p' }] })
  broker.engine.createTopic({ name: 't', partitions: 2 })
  wire = await Wire.open(broker)
})

afterEach(async () => {
  wire.close()
  await broker.close()
})

async function ask(key: number, version: number, request: unknown): Promise<Record<string, unknown>> {
  wire.request(key, version, request)
  return (await wire.answer(key, version)).response
}

test('features and the versions that depend on them agree', async () => {
  const answer = await ask(18, 4, { clientSoftwareName: 'test', clientSoftwareVersion: '1' })
  expect(answer['finalizedFeatures']).toEqual([
    { name: 'group.version', maxVersionLevel: 1, minVersionLevel: 1 },
    { name: 'transaction.version', maxVersionLevel: 2, minVersionLevel: 2 },
  ])
  const versions = new Map(
    (answer['apiKeys'] as { apiKey: number; maxVersion: number }[]).map(({ apiKey, maxVersion }) => [
      apiKey,
      maxVersion,
    ]),
  )
  expect([0, 24, 26, 28, 68].map((key) => versions.get(key))).toEqual([13, 3, 5, 5, 1])
  const older = await ask(18, 3, { clientSoftwareName: 'test', clientSoftwareVersion: '1' })
  expect(older['supportedFeatures']).toEqual([])
})

test('the quorum is one voter', async () => {
  const partitions = [{ partitionIndex: 0 }]
  const answer = await ask(55, 2, {
    topics: ['__cluster_metadata', 't'].map((topicName) => ({ topicName, partitions })),
  })
  expect(answer).toMatchObject({
    errorCode: 0,
    topics: [
      { partitions: [{ errorCode: 0, leaderId: 1, currentVoters: [{ replicaId: 1 }], observers: [] }] },
      { partitions: [{ errorCode: 3 }] },
    ],
    nodes: [{ nodeId: 1, listeners: [{ port: broker.port }] }],
  })
})

test('elections and moves of replicas are answered as by a cluster of one', async () => {
  const elected = await ask(43, 2, { electionType: 0, topicPartitions: [{ topic: 't', partitions: [1, 2] }] })
  expect(elected['replicaElectionResults']).toMatchObject([
    {
      partitionResult: [
        { partitionId: 1, errorCode: 84 },
        { partitionId: 2, errorCode: 3 },
      ],
    },
  ])
  expect(await ask(43, 0, { topicPartitions: null })).toMatchObject({ replicaElectionResults: [] })
  const replicas = [[1], [2], null]
  const partitions = replicas.map((one) => ({ partitionIndex: 0, replicas: one }))
  const moved = await ask(45, 1, {
    topics: [
      { name: 't', partitions },
      { name: 'no', partitions: [partitions[0]] },
    ],
  })
  expect(moved['responses']).toMatchObject([
    { partitions: [{ errorCode: 0 }, { errorCode: 39 }, { errorCode: 85 }] },
    { partitions: [{ errorCode: 3 }] },
  ])
})

test('the users of the configuration have SCRAM credentials', async () => {
  expect(await ask(50, 0, { users: null })).toMatchObject({
    results: [{ user: 'u', errorCode: 0, credentialInfos: [{ mechanism: 1, iterations: 4096 }, { mechanism: 2 }] }],
  })
  expect(await ask(50, 0, { users: [{ name: 'x' }] })).toMatchObject({ results: [{ user: 'x', errorCode: 91 }] })
})

test('configs of the broker can be unset, of which none are set, but not set', async () => {
  const config = { name: 'leader.replication.throttled.rate', configOperation: 1, value: null }
  const alter = (one: unknown) =>
    ask(44, 1, { resources: [{ resourceType: 4, resourceName: '1', configs: [one] }], validateOnly: false })
  expect(await alter(config)).toMatchObject({ responses: [{ errorCode: 0 }] })
  expect(await alter({ ...config, configOperation: 0, value: '1' })).toMatchObject({ responses: [{ errorCode: 42 }] })
})

test('topics can be named by id when offsets are committed and fetched, and when records are sent', async () => {
  const { topicId } = broker.engine.describeTopic('t')!
  const unknown = 'AAAAAAAAAAAAAAAAAAAACQ'
  const group = { groupId: 'g', generationIdOrMemberEpoch: -1, memberId: '' }
  const commit = (id: string) => ({ topicId: id, partitions: [{ partitionIndex: 0, committedOffset: 5 }] })
  expect(await ask(8, 10, { ...group, topics: [commit(topicId), commit(unknown)] })).toMatchObject({
    topics: [
      { topicId, partitions: [{ errorCode: 0 }] },
      { topicId: unknown, partitions: [{ errorCode: 100 }] },
    ],
  })
  const member = { groupId: 'nobody', generationIdOrMemberEpoch: 1, memberId: 'm' }
  const byName = [{ name: 't', partitions: [{ partitionIndex: 0, committedOffset: 5 }] }]
  const code = (errorCode: number) => ({ topics: [{ partitions: [{ errorCode }] }] })
  expect(await ask(8, 8, { ...member, topics: byName })).toMatchObject(code(22))
  expect(await ask(8, 9, { ...member, topics: byName })).toMatchObject(code(69))
  const topics = [topicId, unknown].map((id) => ({ topicId: id, partitionIndexes: [0] }))
  const fetched = await ask(9, 10, {
    groups: [
      { groupId: 'g', topics },
      { groupId: 'g', topics: null },
    ],
  })
  expect(fetched['groups']).toMatchObject([
    {
      topics: [
        { topicId, partitions: [{ committedOffset: 5 }] },
        { topicId: unknown, partitions: [{ errorCode: 100 }] },
      ],
    },
    { topics: [{ topicId, partitions: [{ committedOffset: 5 }] }] },
  ])
  const topicData = [{ topicId: unknown, partitionData: [{ index: 0, records: new Uint8Array(61) }] }]
  expect(await ask(0, 13, { acks: 1, timeoutMs: 1000, topicData })).toMatchObject({
    responses: [{ topicId: unknown, partitionResponses: [{ errorCode: 100 }] }],
  })
})

test('a consumer group is joined, described, listed by type, and guards its offsets', async () => {
  const { topicId } = broker.engine.describeTopic('t')!
  const heartbeat = { groupId: 'g', memberId: 'm', memberEpoch: 0, rebalanceTimeoutMs: 1000, topicPartitions: [] }
  expect(await ask(68, 1, { ...heartbeat, subscribedTopicNames: ['t'] })).toMatchObject({
    errorCode: 0,
    memberEpoch: 1,
    assignment: { topicPartitions: [{ topicId, partitions: [0, 1] }] },
  })
  expect(await ask(69, 1, { groupIds: ['g', 'no'], includeAuthorizedOperations: true })).toMatchObject({
    groups: [
      {
        groupState: 'Stable',
        groupEpoch: 1,
        members: [{ memberId: 'm', memberType: 1, assignment: { topicPartitions: [{ topicName: 't' }] } }],
      },
      { errorCode: 69 },
    ],
  })
  const listed = async (typesFilter: string[]) => (await ask(16, 5, { statesFilter: [], typesFilter }))['groups']
  expect(await listed(['Consumer'])).toMatchObject([{ groupId: 'g', groupType: 'consumer', groupState: 'Stable' }])
  expect(await listed(['Classic'])).toEqual([])
  expect(await ask(15, 6, { groups: ['g'] })).toMatchObject({ groups: [{ errorCode: 69 }] })
  const fetch = (memberEpoch: number) =>
    ask(9, 9, { groups: [{ groupId: 'g', memberId: 'm', memberEpoch, topics: [] }] })
  expect(await fetch(1)).toMatchObject({ groups: [{ errorCode: 0 }] })
  expect(await fetch(0)).toMatchObject({ groups: [{ errorCode: 113 }] })
  expect(await ask(68, 1, { ...heartbeat, memberEpoch: 9 })).toMatchObject({ errorCode: 110 })
  expect(await ask(68, 1, { ...heartbeat, subscribedTopicRegex: '(' })).toMatchObject({ errorCode: 128 })
})

test('Produce is advertised from version 0 on, and served from version 3 on', async () => {
  const answer = await ask(18, 0, {})
  expect(answer['apiKeys']).toContainEqual(expect.objectContaining({ apiKey: 0, minVersion: 0, maxVersion: 13 }))
  wire.writeFrame(Buffer.from('0000000000000001ffff0001000003e800000000', 'hex'))
  expect(await wire.frame()).toBeUndefined()
})

test('configs of a topic: all without names, and their synonyms by the names of the broker’s', async () => {
  broker.engine.alterTopicConfigs('t', { 'retention.ms': '5000' })
  const describe = async (configurationKeys: readonly string[] | null) => {
    const resources = [{ resourceType: 2, resourceName: 't', configurationKeys }]
    const answer = await ask(32, 4, { resources, includeSynonyms: true, includeDocumentation: false })
    return (answer['results'] as [{ configs: { name: string; synonyms: unknown }[] }])[0].configs
  }
  const all = await describe(null)
  expect(await describe([])).toEqual(all)
  expect(all.length).toBeGreaterThan(30)
  const some = await describe(['cleanup.policy', 'compression.type', 'flush.ms', 'retention.ms'])
  expect(Object.fromEntries(some.map(({ name, synonyms }) => [name, synonyms]))).toMatchObject({
    'cleanup.policy': [{ name: 'log.cleanup.policy', value: 'delete', source: 5 }],
    'compression.type': [{ name: 'compression.type', value: 'producer', source: 5 }],
    'flush.ms': [],
    'retention.ms': [{ name: 'retention.ms', value: '5000', source: 1 }],
  })
})
