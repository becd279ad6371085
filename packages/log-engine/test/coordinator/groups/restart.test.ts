import { RecordBatchReader } from '@millrace/kafka-protocol'
import { describe, expect, it } from 'vitest'
import {
  decodeGroup,
  decodeGroupKey,
  encodeGroup,
  type GroupRecord,
} from '../../../src/coordinator/group/group-records.ts'
import type { LogEngine } from '../../../src/index.ts'
import { code, GroupFixture, settle, stateOf, subscriptionTo } from './group-fixture.ts'

/** The records of groups in `__consumer_offsets`, in order; null for those that say that a group is gone. */
function groupRecords(engine: LogEngine): [string, GroupRecord | null | undefined][] {
  const reader = new RecordBatchReader(engine.fetch({ topic: '__consumer_offsets', partition: 0 }, 0).batches)
  const found: [string, GroupRecord | null | undefined][] = []
  while (reader.nextBatch()) {
    while (!reader.isControl && reader.nextRecord()) {
      const groupId = decodeGroupKey(reader.key!)
      if (groupId !== undefined) found.push([groupId, reader.value && decodeGroup(groupId, reader.value)])
    }
  }
  return found
}

/** All that others can see of groups and offsets. */
function allOf(engine: LogEngine) {
  return engine.groups.list().map(({ groupId }) => ({
    ...engine.groups.describe(groupId),
    offsets: engine.fetchOffsets(groupId, null),
  }))
}

describe('a restart', () => {
  it('finds Stable and Empty groups, members, assignments and offsets as they were', async () => {
    const fixture = await GroupFixture.open()
    const [one, two] = [fixture.member('one'), fixture.member('two', { groupInstanceId: 'i2' })]
    await fixture.stable(one, two)
    await one.commit(5)
    const gone = fixture.member('gone', { groupId: 'empty' })
    await fixture.stable(gone)
    gone.leave()
    await fixture.engine.commitOffsets({ groupId: 'simple' }, [{ topic: 't', partition: 3, offset: 9, metadata: 'm' }])
    const before = allOf(fixture.engine)
    expect(before.map(({ state }) => state)).toEqual(['Empty', 'Stable', 'Empty'])
    await fixture.restart()
    expect(allOf(fixture.engine)).toEqual(before)
    await fixture.restart()
    expect(allOf(fixture.engine)).toEqual(before)
    one.heartbeat()
    two.heartbeat()
    await one.commit(6)
    expect(await two.sync()).toBe(`${two.generationId}:${two.memberId}`)
  })

  it('finds the last subscription of a member, not that of an earlier generation', async () => {
    const fixture = await GroupFixture.open()
    const one = fixture.member('one')
    await fixture.stable(one)
    await one.join({ protocols: [{ name: 'range', metadata: subscriptionTo('t', 'new') }] })
    await one.sync()
    const before = allOf(fixture.engine)
    await fixture.restart()
    expect(allOf(fixture.engine)).toEqual(before)
  })

  it('begins all sessions anew', async () => {
    const fixture = await GroupFixture.open()
    const one = fixture.member('one')
    await fixture.stable(one)
    fixture.time.advance(9999)
    await fixture.engine.close()
    fixture.time.advance(1_000_000)
    await fixture.restart()
    fixture.time.advance(9999)
    one.heartbeat()
    fixture.time.advance(10_000)
    expect(fixture.engine.groups.describe('g')).toMatchObject({ state: 'Empty', generationId: one.generationId + 1 })
  })

  it('forgets a rebalance: the group is as it was before, and its members join again', async () => {
    const fixture = await GroupFixture.open()
    const one = fixture.member('one')
    await fixture.stable(one)
    const before = allOf(fixture.engine)
    const settled = one.generationId
    const two = fixture.member('two')
    const joining = two.join()
    await settle()
    await Promise.all([one.join(), joining])
    expect(fixture.engine.groups.describe('g')!.state).toBe('CompletingRebalance')
    const syncing = stateOf(two.sync())
    await fixture.restart()
    expect(await syncing).toBe('NOT_COORDINATOR')
    expect(allOf(fixture.engine)).toEqual(before)
    expect(() => one.heartbeat()).toThrow(code('ILLEGAL_GENERATION'))
    expect(() => two.heartbeat()).toThrow(code('UNKNOWN_MEMBER_ID'))
    await expect(one.sync()).rejects.toThrow(code('ILLEGAL_GENERATION'))
    expect((await one.join()).generationId).toBe(settled + 1)
  })

  it('of an empty group with a member that was only told its id forgets both', async () => {
    const fixture = await GroupFixture.open()
    await fixture.engine.groups.join(fixture.member('one').request).catch(() => {})
    await fixture.restart()
    expect(fixture.engine.groups.list()).toEqual([])
  })
})

describe('the records of a group', () => {
  it('are written when it is settled, and only then', async () => {
    const fixture = await GroupFixture.open()
    const one = fixture.member('one', { groupInstanceId: 'i1' })
    await one.join()
    expect(groupRecords(fixture.engine)).toEqual([])
    await one.sync()
    const stateTimestamp = fixture.time.now()
    const member = {
      memberId: one.memberId,
      groupInstanceId: 'i1',
      clientId: 'one',
      clientHost: '/127.0.0.1',
      rebalanceTimeoutMs: 60_000,
      sessionTimeoutMs: 10_000,
      subscription: Uint8Array.from(one.request.protocols[0]!.metadata),
      assignment: new Uint8Array(Buffer.from(`1:${one.memberId}`)),
    }
    const stable = {
      groupId: 'g',
      protocolType: 'consumer',
      generationId: 1,
      protocolName: 'range',
      leader: one.memberId,
      stateTimestamp,
      members: [member],
    }
    expect(groupRecords(fixture.engine)).toEqual([['g', stable]])
    fixture.time.advance(1000)
    one.leave()
    const empty = {
      ...stable,
      generationId: 2,
      protocolName: null,
      leader: null,
      stateTimestamp: stateTimestamp + 1000,
      members: [],
    }
    fixture.engine.groups.delete('g')
    expect(groupRecords(fixture.engine)).toEqual([
      ['g', stable],
      ['g', empty],
      ['g', null],
    ])
  })

  it('have Kafka’s bytes', () => {
    const { key, value } = encodeGroup({
      groupId: 'g1',
      protocolType: 'consumer',
      generationId: 7,
      protocolName: 'range',
      leader: 'm-1',
      stateTimestamp: 1_700_000_000_000,
      members: [
        {
          memberId: 'm-1',
          groupInstanceId: null,
          clientId: 'c',
          clientHost: '/h',
          rebalanceTimeoutMs: 300_000,
          sessionTimeoutMs: 45_000,
          subscription: Uint8Array.of(1, 2),
          assignment: Uint8Array.of(3),
        },
      ],
    })
    expect(Buffer.from(key).toString('hex')).toBe('0002' + '0002' + '6731')
    expect(Buffer.from(value!).toString('hex')).toBe(
      '0003' +
        '0008636f6e73756d6572' +
        '00000007' +
        '000572616e6765' +
        '00036d2d31' +
        '0000018bcfe56800' +
        '00000001' +
        '00036d2d31' +
        'ffff' +
        '000163' +
        '00022f68' +
        '000493e0' +
        '0000afc8' +
        '000000020102' +
        '0000000103',
    )
  })

  it('are read in the versions of old brokers too', () => {
    const member = '00036d2d31' + '000163' + '00022f68'
    const head = '0008636f6e73756d6572' + '00000007' + '000572616e6765' + '00036d2d31'
    const bytes = '000000020102' + '0000000103'
    const versions = [
      ['0000', head, '00000001', member, '0000afc8', bytes],
      ['0001', head, '00000001', member, '000493e0', '0000afc8', bytes],
      ['0002', head, '0000018bcfe56800', '00000001', member, '000493e0', '0000afc8', bytes],
    ].map((parts) => parts.join(''))
    const read = versions.map((hex) => decodeGroup('g', Buffer.from(hex, 'hex'))!)
    expect(read.map(({ stateTimestamp }) => stateTimestamp)).toEqual([-1, -1, 1_700_000_000_000])
    expect(read.map(({ members }) => members[0]!.rebalanceTimeoutMs)).toEqual([45_000, 300_000, 300_000])
    expect(read.map(({ members }) => members[0])).toMatchObject(
      Array(3).fill({ memberId: 'm-1', groupInstanceId: null, sessionTimeoutMs: 45_000, assignment: Uint8Array.of(3) }),
    )
    expect(decodeGroup('g', Buffer.from('0004', 'hex'))).toBeUndefined()
  })
})
