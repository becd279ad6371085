import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Broker, startBroker } from '../../src/index.ts'
import { Wire } from '../wire.ts'

const groupCount = 100
const membersPerGroup = 3

let broker: Broker
const wires: Wire[] = []

beforeEach(async () => {
  broker = await startBroker({ memory: true })
  broker.engine.createTopic({ name: 't', partitions: 6 })
})

afterEach(async () => {
  for (const wire of wires.splice(0)) wire.close()
  await broker.close()
})

async function open(): Promise<Wire> {
  const wire = await Wire.open(broker)
  wires.push(wire)
  return wire
}

async function ask(wire: Wire, key: number, version: number, request: unknown): Promise<Record<string, unknown>> {
  wire.request(key, version, request)
  return (await wire.answer(key, version)).response
}

const rebalanceInProgress = 27

/** A member of the classic protocol, which enters again as long as the group is told to. */
class ClassicMember {
  readonly wire: Wire
  readonly groupId: string
  memberId = ''
  generationId = -1

  constructor(wire: Wire, groupId: string) {
    this.wire = wire
    this.groupId = groupId
  }

  async enter(): Promise<void> {
    for (;;) {
      const joined = await ask(this.wire, 11, 5, {
        groupId: this.groupId,
        memberId: this.memberId,
        sessionTimeoutMs: 300_000,
        rebalanceTimeoutMs: 300_000,
        protocolType: 'consumer',
        protocols: [{ name: 'range', metadata: Buffer.from('0') }],
      })
      this.memberId = joined['memberId'] as string
      if (joined['errorCode'] !== 0) continue
      this.generationId = joined['generationId'] as number
      const members = joined['members'] as { memberId: string }[]
      const assignments = members.map(({ memberId }) => ({ memberId, assignment: Buffer.from(memberId) }))
      const synced = await ask(this.wire, 14, 3, { ...this.identity, assignments })
      if (synced['errorCode'] !== 0) continue
      expect((synced['assignment'] as Buffer).toString()).toBe(this.memberId)
      return
    }
  }

  /** Until the group is settled with so many members. */
  async settle(members: number): Promise<void> {
    for (;;) {
      const { errorCode } = await ask(this.wire, 12, 3, this.identity)
      if (errorCode === rebalanceInProgress) await this.enter()
      const group = broker.engine.groups.describe(this.groupId)
      const isSettled = group?.state === 'Stable' && group.members.length === members
      if (isSettled && group.generationId === this.generationId) return
    }
  }

  get identity() {
    return { groupId: this.groupId, generationId: this.generationId, memberId: this.memberId }
  }
}

test('a hundred groups rebalance at once by the classic protocol, and again when a member of each leaves', async () => {
  const groups = Array.from({ length: groupCount }, async (_, i) => {
    const members: ClassicMember[] = []
    for (let m = 0; m < membersPerGroup; m++) members.push(new ClassicMember(await open(), `group-${i}`))
    await Promise.all(
      members.map(async (member) => {
        await member.enter()
        await member.settle(membersPerGroup)
      }),
    )
    const [gone, ...rest] = members as [ClassicMember, ...ClassicMember[]]
    const left = await ask(gone.wire, 13, 3, { groupId: gone.groupId, members: [{ memberId: gone.memberId }] })
    expect(left['members']).toMatchObject([{ errorCode: 0 }])
    await Promise.all(rest.map((member) => member.settle(membersPerGroup - 1)))
  })
  await Promise.all(groups)
  expect(broker.engine.groups.list(['Stable'])).toHaveLength(groupCount)
})

/** A member of the consumer group protocol; returns its partitions once it has heard nothing new for the group's epoch. */
async function heartbeatUntilStable(wire: Wire, groupId: string, memberId: string): Promise<number[]> {
  const topics = { rebalanceTimeoutMs: 300_000, subscribedTopicNames: ['t'] }
  let memberEpoch = 0
  let owned: { topicId: string; partitions: number[] }[] = []
  for (;;) {
    const request = { groupId, memberId, memberEpoch, topicPartitions: owned, ...(memberEpoch === 0 && topics) }
    const answer = await ask(wire, 68, 1, request)
    expect(answer['errorCode']).toBe(0)
    memberEpoch = answer['memberEpoch'] as number
    const assignment = answer['assignment'] as { topicPartitions: typeof owned } | null
    if (assignment !== null) owned = assignment.topicPartitions
    const group = broker.engine.consumerGroups.describe(groupId)
    if (group?.state === 'Stable' && group.members.length === membersPerGroup && group.groupEpoch === memberEpoch) {
      return owned.flatMap(({ partitions }) => partitions)
    }
  }
}

test('a hundred groups come together at once by the consumer group protocol', async () => {
  const groups = Array.from({ length: groupCount }, async (_, i) => {
    const members = Array.from({ length: membersPerGroup }, async (_member, m) =>
      heartbeatUntilStable(await open(), `group-${i}`, `member-${m}`),
    )
    expect((await Promise.all(members)).flat().sort()).toEqual([0, 1, 2, 3, 4, 5])
  })
  await Promise.all(groups)
  expect(broker.engine.groups.list(['Stable'])).toHaveLength(groupCount)
})
