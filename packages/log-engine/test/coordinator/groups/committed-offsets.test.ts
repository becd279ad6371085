import { describe, expect, it } from 'vitest'
import type { GroupMetadata, LogEngine, TransactionalProducer } from '../../../src/index.ts'
import { code, GroupFixture, settle, subscriptionTo } from './group-fixture.ts'

const t0 = { topic: 't', partition: 0 }
const u0 = { topic: 'u', partition: 0 }
const dayMs = 86_400_000

async function open(config = {}) {
  const fixture = await GroupFixture.open(config)
  const member = fixture.member.bind(fixture)
  return { fixture, engine: fixture.engine, time: fixture.time, groups: fixture.engine.groups, member }
}

const committed = (engine: LogEngine, groupId = 'g', partition = t0): number =>
  engine.fetchOffsets(groupId, [partition])[0]!.offset

describe('an offset commit', () => {
  it('is accepted of a member at its generation, in a Stable group and while it rebalances', async () => {
    const { fixture, engine, member } = await open()
    const one = member('one')
    await fixture.stable(one)
    await one.commit(1)
    const joining = member('two').join()
    await settle()
    expect(engine.groups.describe('g')!.state).toBe('PreparingRebalance')
    await one.commit(2)
    expect(committed(engine)).toBe(2)
    await Promise.all([one.join(), joining])
    await expect(one.commit(3)).rejects.toThrow(code('REBALANCE_IN_PROGRESS'))
    expect(committed(engine)).toBe(2)
    await one.sync()
    await one.commit(4)
    expect(committed(engine)).toBe(4)
  })

  it('is refused of another generation, of strangers, and while there are members of anybody', async () => {
    const { fixture, engine, member } = await open()
    const one = member('one')
    await fixture.stable(one)
    const { generationId } = one
    await expect(one.commit(1, { generationId: generationId - 1 })).rejects.toThrow(code('ILLEGAL_GENERATION'))
    await expect(one.commit(1, { generationId: generationId + 1 })).rejects.toThrow(code('ILLEGAL_GENERATION'))
    await expect(one.commit(1, { generationId: -1 })).rejects.toThrow(code('ILLEGAL_GENERATION'))
    await expect(one.commit(1, { memberId: 'x' })).rejects.toThrow(code('UNKNOWN_MEMBER_ID'))
    await expect(one.commit(1, { memberId: '' })).rejects.toThrow(code('UNKNOWN_MEMBER_ID'))
    await expect(one.commit(1, { groupInstanceId: 'i' })).rejects.toThrow(code('UNKNOWN_MEMBER_ID'))
    await expect(engine.commitOffsets({ groupId: 'g' }, [{ ...t0, offset: 1 }])).rejects.toThrow(
      code('UNKNOWN_MEMBER_ID'),
    )
    await expect(one.commit(0.5)).rejects.toThrow(code('INVALID_REQUEST'))
    expect(committed(engine)).toBe(-1)
  })

  it('is accepted of anybody while the group is empty or does not exist', async () => {
    const { engine, groups, member, fixture } = await open()
    await engine.commitOffsets({ groupId: 'simple' }, [{ ...t0, offset: 7 }])
    expect(committed(engine, 'simple')).toBe(7)
    expect(groups.list()).toEqual([{ groupId: 'simple', type: 'classic', protocolType: '', state: 'Empty' }])
    await expect(
      engine.commitOffsets({ groupId: 'none', generationId: 3, memberId: 'x' }, [{ ...t0, offset: 7 }]),
    ).rejects.toThrow(code('ILLEGAL_GENERATION'))
    const one = member('one')
    await fixture.stable(one)
    one.leave()
    await engine.commitOffsets({ groupId: 'g' }, [{ ...t0, offset: 8 }])
    expect(committed(engine)).toBe(8)
    await expect(one.commit(9)).rejects.toThrow(code('UNKNOWN_MEMBER_ID'))
  })

  it('that takes time is checked again when it is written', async () => {
    const { fixture, engine, member } = await open()
    const one = member('one')
    await fixture.stable(one)
    const committing = one.commit(5)
    one.leave()
    await expect(committing).rejects.toThrow(code('UNKNOWN_MEMBER_ID'))
    expect(committed(engine)).toBe(-1)
  })

  it('keeps the session of the member', async () => {
    const { fixture, time, member } = await open()
    const one = member('one')
    await fixture.stable(one)
    for (let i = 0; i < 4; i++) {
      time.advance(9999)
      await one.commit(i)
    }
    time.advance(9999)
    one.heartbeat()
  })
})

describe('an offset commit in a transaction', () => {
  async function producing(engine: LogEngine, transactionalId = 'tx') {
    const producer: TransactionalProducer = { transactionalId, ...(await engine.initProducerId({ transactionalId })) }
    const commit = (group: GroupMetadata, offset: number): void => {
      engine.addOffsetsToTxn(producer, group.groupId)
      engine.txnOffsetCommit(producer, group, [{ ...t0, offset }])
    }
    return { producer, commit }
  }

  it('must come from a member at its generation, if it names one', async () => {
    const { fixture, engine, member } = await open()
    const [one, two] = [member('one'), member('two', { groupInstanceId: 'i2' })]
    await fixture.stable(one, two)
    const { commit, producer } = await producing(engine)
    const { generationId, memberId } = one.identity
    const who = { groupId: 'g', generationId, memberId }
    expect(() => commit({ ...who, generationId: generationId - 1 }, 1)).toThrow(code('ILLEGAL_GENERATION'))
    expect(() => commit({ ...who, memberId: 'x' }, 1)).toThrow(code('UNKNOWN_MEMBER_ID'))
    expect(() => commit({ ...who, groupInstanceId: 'i9' }, 1)).toThrow(code('UNKNOWN_MEMBER_ID'))
    expect(() => commit({ ...who, groupInstanceId: 'i2' }, 1)).toThrow(code('FENCED_INSTANCE_ID'))
    expect(() => commit({ groupId: 'none', generationId: 1, memberId: 'x' }, 1)).toThrow(code('ILLEGAL_GENERATION'))
    commit(who, 2)
    commit({ groupId: 'g', generationId: two.generationId, memberId: two.memberId, groupInstanceId: 'i2' }, 3)
    await engine.endTxn(producer, 'commit')
    expect(committed(engine)).toBe(3)
  })

  it('may come from old clients without a member, and before the assignment', async () => {
    const { engine, member } = await open()
    const one = member('one')
    await one.join()
    expect(engine.groups.describe('g')!.state).toBe('CompletingRebalance')
    const { commit, producer } = await producing(engine)
    commit({ groupId: 'g' }, 1)
    commit({ groupId: 'g', generationId: one.generationId, memberId: one.memberId }, 2)
    await engine.endTxn(producer, 'commit')
    expect(committed(engine)).toBe(2)
  })

  it('stays pending until the marker: requireStable is told to wait', async () => {
    const { fixture, engine, member } = await open()
    const one = member('one')
    await fixture.stable(one)
    await one.commit(1)
    const { commit, producer } = await producing(engine)
    commit({ groupId: 'g' }, 9)
    expect(committed(engine)).toBe(1)
    expect(() => engine.fetchOffsets('g', [t0], { requireStable: true })).toThrow(code('UNSTABLE_OFFSET_COMMIT'))
    expect(engine.fetchOffsets('g', [u0], { requireStable: true })[0]!.offset).toBe(-1)
    await engine.endTxn(producer, 'abort')
    expect(engine.fetchOffsets('g', [t0], { requireStable: true })[0]!.offset).toBe(1)
  })

  it('loses to a plain commit that was written later', async () => {
    const { fixture, engine, member } = await open()
    const one = member('one')
    await fixture.stable(one)
    const { commit, producer } = await producing(engine)
    commit({ groupId: 'g' }, 9)
    await one.commit(5)
    await engine.endTxn(producer, 'commit')
    expect(committed(engine)).toBe(5)
  })

  it('shows a group that nobody joined while it is open', async () => {
    const { engine, groups } = await open()
    const { commit, producer } = await producing(engine)
    commit({ groupId: 'later' }, 1)
    expect(groups.list()).toMatchObject([{ groupId: 'later', state: 'Empty' }])
    await engine.endTxn(producer, 'abort')
    expect(groups.list()).toEqual([])
  })

  it('comes to nothing when its topic or its group is deleted before it ends', async () => {
    const { engine, groups } = await open()
    engine.createTopic({ name: 't', partitions: 1 })
    const { commit, producer } = await producing(engine)
    commit({ groupId: 'a' }, 1)
    engine.deleteTopic('t')
    commit({ groupId: 'b' }, 1)
    groups.delete('b')
    await engine.endTxn(producer, 'commit')
    expect(groups.list()).toEqual([])
    expect([committed(engine, 'a'), committed(engine, 'b')]).toEqual([-1, -1])
  })
})

describe('committed offsets', () => {
  it('of a topic go with it', async () => {
    const { fixture, engine } = await open()
    for (const name of ['t', 'u']) engine.createTopic({ name, partitions: 1 })
    await engine.commitOffsets({ groupId: 'a' }, [
      { ...t0, offset: 1 },
      { ...u0, offset: 2 },
    ])
    await engine.commitOffsets({ groupId: 'b' }, [{ ...t0, offset: 3 }])
    engine.deleteTopic('t')
    expect(engine.fetchOffsets('a', null).map(({ topic }) => topic)).toEqual(['u'])
    expect(engine.groups.list().map(({ groupId }) => groupId)).toEqual(['a'])
    await fixture.restart()
    expect(fixture.engine.fetchOffsets('a', null).map(({ topic }) => topic)).toEqual(['u'])
  })

  it('of a group live seven days after it has become empty, and the group with them', async () => {
    const { fixture, engine, time, groups, member } = await open()
    const one = member('one', { sessionTimeoutMs: 1_800_000 })
    await fixture.stable(one)
    await one.commit(1)
    for (let i = 0; i < 10 * 50; i++) {
      time.advance(dayMs / 50)
      one.heartbeat()
    }
    expect(committed(engine)).toBe(1)
    one.leave()
    time.advance(7 * dayMs - 1)
    expect(committed(engine)).toBe(1)
    expect(groups.list()).toMatchObject([{ groupId: 'g', state: 'Empty' }])
    time.advance(600_000)
    expect(committed(engine)).toBe(-1)
    expect(groups.list()).toEqual([])
    await fixture.restart()
    expect(fixture.engine.groups.list()).toEqual([])
  })

  it('that were written without a group live seven days from their commit', async () => {
    const { engine, time, groups } = await open()
    await engine.commitOffsets({ groupId: 's' }, [{ ...t0, offset: 1 }])
    time.advance(4 * dayMs)
    await engine.commitOffsets({ groupId: 's' }, [{ ...u0, offset: 1 }])
    time.advance(3 * dayMs + 600_000)
    expect(engine.fetchOffsets('s', null)).toMatchObject([u0])
    time.advance(4 * dayMs + 600_000)
    expect(groups.list()).toEqual([])
  })

  it('of topics that the members no longer read live seven days from their commit', async () => {
    const { fixture, engine, time, member } = await open()
    const one = member('one', { sessionTimeoutMs: 1_800_000 })
    await fixture.stable(one)
    await one.commit(1)
    await engine.commitOffsets({ groupId: 'g', generationId: one.generationId, memberId: one.memberId }, [
      { ...u0, offset: 2 },
    ])
    for (let i = 0; i < 7 * 50 + 1; i++) {
      time.advance(dayMs / 50)
      one.heartbeat()
    }
    expect(engine.fetchOffsets('g', null)).toMatchObject([t0])
  })

  it('stay while an open transaction holds newer ones', async () => {
    const { engine, time } = await open()
    await engine.commitOffsets({ groupId: 's' }, [{ ...t0, offset: 1 }])
    time.advance(7 * dayMs - 100_000)
    const producer = {
      transactionalId: 'tx',
      ...(await engine.initProducerId({ transactionalId: 'tx', transactionTimeoutMs: 900_000 })),
    }
    engine.addOffsetsToTxn(producer, 's')
    engine.txnOffsetCommit(producer, { groupId: 's' }, [{ ...t0, offset: 2 }])
    time.advance(700_000)
    expect(committed(engine, 's')).toBe(1)
    await engine.endTxn(producer, 'commit')
    expect(committed(engine, 's')).toBe(2)
  })

  it('expire as configured, and when asked to', async () => {
    const { engine, time } = await open({ offsetsRetentionMs: 1000, offsetsRetentionCheckIntervalMs: 5000 })
    await engine.commitOffsets({ groupId: 's' }, [{ ...t0, offset: 1 }])
    time.advance(999)
    await engine.maintain()
    expect(committed(engine, 's')).toBe(1)
    time.advance(1)
    await engine.maintain()
    expect(committed(engine, 's')).toBe(-1)
    await engine.commitOffsets({ groupId: 's' }, [{ ...t0, offset: 2 }])
    time.advance(4000)
    expect(committed(engine, 's')).toBe(-1)
  })

  it('can be deleted by partition, unless a member reads the topic', async () => {
    const { fixture, engine, groups, member } = await open()
    expect(() => groups.deleteOffsets('g', [t0])).toThrow(code('GROUP_ID_NOT_FOUND'))
    const one = member('one', { protocols: [{ name: 'range', metadata: subscriptionTo('t') }] })
    await fixture.stable(one)
    await one.commit(1)
    await engine.commitOffsets({ groupId: 'g', generationId: one.generationId, memberId: one.memberId }, [
      { ...u0, offset: 2 },
    ])
    expect(groups.deleteOffsets('g', [t0, u0, { topic: 'u', partition: 9 }])).toEqual([
      { ...t0, error: 'GROUP_SUBSCRIBED_TO_TOPIC' },
      { ...u0, error: 'NONE' },
      { topic: 'u', partition: 9, error: 'NONE' },
    ])
    expect(engine.fetchOffsets('g', null)).toMatchObject([t0])
    one.leave()
    expect(groups.deleteOffsets('g', [t0])).toMatchObject([{ error: 'NONE' }])
    expect(engine.fetchOffsets('g', null)).toEqual([])
  })

  it('are not deleted under members that are no consumers, or whose subscription cannot be read', async () => {
    const { fixture, groups, member } = await open()
    const worker = member('worker', { groupId: 'w', protocolType: 'connect' })
    await fixture.stable(worker)
    expect(() => groups.deleteOffsets('w', [t0])).toThrow(code('NON_EMPTY_GROUP'))
    const odd = member('odd', { protocols: [{ name: 'range', metadata: Buffer.from([0, 1, 0, 0, 9]) }] })
    await fixture.stable(odd)
    expect(groups.deleteOffsets('g', [t0])).toMatchObject([{ error: 'GROUP_SUBSCRIBED_TO_TOPIC' }])
  })
})
