import { describe, expect, it } from 'vitest'
import { type FileSystem, type LogFile, memoryFileSystem } from '../../../src/index.ts'
import { code, GroupFixture, settle, stateOf, text } from './group-fixture.ts'

async function open(config = {}) {
  const fixture = await GroupFixture.open(config)
  const member = fixture.member.bind(fixture)
  return { fixture, time: fixture.time, groups: fixture.engine.groups, member }
}

/** Two members after the join phase, before either has synced. */
async function completing() {
  const setUp = await open()
  const [one, two] = [setUp.member('one'), setUp.member('two')]
  await one.join()
  const joining = two.join()
  await settle()
  await Promise.all([one.join(), joining])
  expect(setUp.groups.describe('g')!.state).toBe('CompletingRebalance')
  return { ...setUp, one, two }
}

describe('a sync', () => {
  it('waits for the leader, whose assignments reach every member', async () => {
    const { groups, one, two } = await completing()
    const waiting = two.sync()
    expect(await stateOf(waiting)).toBe('pending')
    expect(await one.sync((memberId) => (memberId === two.memberId ? 'for two' : 'for one'))).toBe('for one')
    expect(await waiting).toBe('for two')
    expect(groups.describe('g')).toMatchObject({ state: 'Stable', protocolName: 'range' })
  })

  it('of a Stable group answers with what was assigned', async () => {
    const { one, two } = await completing()
    await one.sync()
    expect(await two.sync()).toBe(`${two.generationId}:${two.memberId}`)
    expect(await one.sync(() => 'too late')).toBe(`${one.generationId}:${one.memberId}`)
  })

  it('gives no bytes to a member that the leader has left out', async () => {
    const { groups, one, two } = await completing()
    const waiting = two.sync()
    const { identity } = one
    const assignments = [{ memberId: one.memberId, assignment: Buffer.from('all') }]
    await groups.sync({ ...identity, protocolType: null, protocolName: null, assignments })
    expect(await waiting).toBe('')
  })

  it('keeps its own copy of the bytes', async () => {
    const { groups, one, two } = await completing()
    const bytes = Buffer.from('mine')
    const assignments = [{ memberId: two.memberId, assignment: bytes }]
    await groups.sync({ ...one.identity, protocolType: null, protocolName: null, assignments })
    bytes.fill(0)
    expect(await two.sync()).toBe('mine')
  })

  it('is refused before the join phase is over, with REBALANCE_IN_PROGRESS', async () => {
    const { one, two, member } = await completing()
    const waiting = two.sync()
    const joining = member('three').join()
    await expect(waiting).rejects.toThrow(code('REBALANCE_IN_PROGRESS'))
    await expect(one.sync()).rejects.toThrow(code('REBALANCE_IN_PROGRESS'))
    await Promise.all([one.join(), two.join(), joining])
  })

  it('is refused to who is no member, at another generation, or under another protocol', async () => {
    const { groups, one, two } = await completing()
    const sync = (changes: object) =>
      groups.sync({ ...two.identity, protocolType: null, protocolName: null, assignments: [], ...changes })
    await expect(sync({ memberId: 'x' })).rejects.toThrow(code('UNKNOWN_MEMBER_ID'))
    await expect(sync({ groupId: 'other' })).rejects.toThrow(code('UNKNOWN_MEMBER_ID'))
    await expect(sync({ groupInstanceId: 'i' })).rejects.toThrow(code('UNKNOWN_MEMBER_ID'))
    await expect(sync({ groupId: '' })).rejects.toThrow(code('INVALID_GROUP_ID'))
    await expect(sync({ generationId: two.generationId - 1 })).rejects.toThrow(code('ILLEGAL_GENERATION'))
    await expect(sync({ protocolType: 'connect' })).rejects.toThrow(code('INCONSISTENT_GROUP_PROTOCOL'))
    await expect(sync({ protocolName: 'sticky' })).rejects.toThrow(code('INCONSISTENT_GROUP_PROTOCOL'))
    await one.sync()
    expect(text((await sync({ protocolType: 'consumer', protocolName: 'range' })).assignment)).toContain(two.memberId)
  })

  it('that is repeated is answered once, the newer', async () => {
    const { one, two } = await completing()
    const lost = two.sync()
    await settle()
    const newer = two.sync()
    await expect(lost).rejects.toThrow(code('REBALANCE_IN_PROGRESS'))
    await one.sync()
    expect(await newer).toContain(two.memberId)
  })

  it('that does not come within the rebalance time-out costs the membership', async () => {
    const { groups, time, one, two } = await completing()
    const waiting = two.sync()
    await settle()
    for (let waited = 0; waited < 60_000; waited += 5000) {
      one.heartbeat()
      time.advance(5000)
    }
    await expect(waiting).rejects.toThrow(code('REBALANCE_IN_PROGRESS'))
    expect(groups.describe('g')).toMatchObject({ state: 'PreparingRebalance', members: [{ clientId: 'two' }] })
    expect((await two.join()).members.length).toBe(1)
    expect(() => one.heartbeat()).toThrow(code('UNKNOWN_MEMBER_ID'))
  })

  it('that does not come costs the membership also when the leader has synced', async () => {
    const { groups, time, one, two } = await completing()
    await one.sync()
    expect(groups.describe('g')!.state).toBe('Stable')
    for (let waited = 0; waited < 60_000; waited += 5000) {
      one.heartbeat()
      two.heartbeat()
      time.advance(5000)
    }
    expect(() => one.heartbeat()).toThrow(code('REBALANCE_IN_PROGRESS'))
    expect(() => two.heartbeat()).toThrow(code('UNKNOWN_MEMBER_ID'))
  })
})

describe('a heartbeat', () => {
  it('keeps the session; without it the member is gone and the others rebalance', async () => {
    const { fixture, groups, time, member } = await open()
    const [one, two] = [member('one'), member('two')]
    await fixture.stable(one, two)
    for (let i = 0; i < 5; i++) {
      time.advance(9999)
      one.heartbeat()
      two.heartbeat()
    }
    time.advance(9999)
    one.heartbeat()
    expect(groups.describe('g')!.state).toBe('Stable')
    time.advance(1)
    expect(groups.describe('g')).toMatchObject({ state: 'PreparingRebalance', members: [{ clientId: 'one' }] })
    expect(() => one.heartbeat()).toThrow(code('REBALANCE_IN_PROGRESS'))
    expect(() => two.heartbeat()).toThrow(code('UNKNOWN_MEMBER_ID'))
    expect((await one.join()).members.length).toBe(1)
  })

  it('tells of a rebalance, and keeps the session meanwhile', async () => {
    const { fixture, groups, time, member } = await open()
    const one = member('one')
    await fixture.stable(one)
    const joining = member('two').join()
    await settle()
    for (let i = 0; i < 5; i++) {
      expect(() => one.heartbeat()).toThrow(code('REBALANCE_IN_PROGRESS'))
      time.advance(9999)
    }
    expect(groups.describe('g')!.members.length).toBe(2)
    await Promise.all([joining, one.join()])
  })

  it('is accepted between the join phase and the assignment', async () => {
    const { groups, time, one, two } = await completing()
    for (let i = 0; i < 3; i++) {
      time.advance(9999)
      one.heartbeat()
      two.heartbeat()
    }
    expect(groups.describe('g')!.members.length).toBe(2)
  })

  it('is refused to who is no member, or at another generation', async () => {
    const { fixture, member } = await open()
    const one = member('one')
    expect(() => one.heartbeat()).toThrow(code('UNKNOWN_MEMBER_ID'))
    await fixture.stable(one)
    expect(() => one.heartbeat({ generationId: one.generationId + 1 })).toThrow(code('ILLEGAL_GENERATION'))
    expect(() => one.heartbeat({ generationId: one.generationId - 1 })).toThrow(code('ILLEGAL_GENERATION'))
    expect(() => one.heartbeat({ memberId: 'x' })).toThrow(code('UNKNOWN_MEMBER_ID'))
    expect(() => one.heartbeat({ groupInstanceId: 'x' })).toThrow(code('UNKNOWN_MEMBER_ID'))
    expect(() => one.heartbeat({ groupId: '' })).toThrow(code('INVALID_GROUP_ID'))
    one.leave()
    expect(() => one.heartbeat()).toThrow(code('UNKNOWN_MEMBER_ID'))
  })

  it('is not asked of a member whose request waits', async () => {
    const { fixture, time, member } = await open()
    const [one, two] = [member('one', { sessionTimeoutMs: 6000 }), member('two', { sessionTimeoutMs: 50_000 })]
    await fixture.stable(one, two)
    const waiting = one.join()
    await settle()
    time.advance(40_000)
    await Promise.all([two.join(), waiting])
    const syncing = two.sync()
    time.advance(5999)
    await one.sync()
    await syncing
    time.advance(5999)
    one.heartbeat()
  })
})

describe('leaving', () => {
  it('gives up the membership at once, and the others rebalance', async () => {
    const { fixture, groups, member } = await open()
    const [one, two] = [member('one'), member('two')]
    await fixture.stable(one, two)
    expect(one.leave()).toBe('NONE')
    expect(one.leave()).toBe('UNKNOWN_MEMBER_ID')
    expect(() => two.heartbeat()).toThrow(code('REBALANCE_IN_PROGRESS'))
    expect(await two.join()).toMatchObject({ leader: two.memberId, members: [{ memberId: two.memberId }] })
    await two.sync()
    expect(two.leave()).toBe('NONE')
    expect(groups.describe('g')).toMatchObject({ state: 'Empty', members: [], generationId: two.generationId + 1 })
    await expect(two.join()).rejects.toThrow(code('UNKNOWN_MEMBER_ID'))
  })

  it('ends a join phase that waited for the one who leaves', async () => {
    const { fixture, member } = await open()
    const [one, two] = [member('one'), member('two')]
    await fixture.stable(one, two)
    const joining = one.join()
    expect(await stateOf(joining)).toBe('pending')
    two.leave()
    expect((await joining).members.length).toBe(1)
  })

  it('answers whatever of the member waits', async () => {
    const { one, two } = await completing()
    const syncing = two.sync()
    await settle()
    expect(two.leave()).toBe('NONE')
    await expect(syncing).rejects.toThrow(code('UNKNOWN_MEMBER_ID'))
    const joining = one.join()
    expect((await joining).members.length).toBe(1)
  })

  it('is possible for many at once, with one rebalance', async () => {
    const { fixture, groups, member } = await open()
    const [one, two, three] = [member('one'), member('two'), member('three', { groupInstanceId: 'i3' })]
    await fixture.stable(one, two, three)
    const { generationId } = one
    const answers = groups.leave({
      groupId: 'g',
      members: [
        { memberId: two.memberId, groupInstanceId: null },
        { memberId: 'nobody', groupInstanceId: null },
        { memberId: '', groupInstanceId: 'i3' },
        { memberId: '', groupInstanceId: 'i4' },
        { memberId: '', groupInstanceId: null },
      ],
    })
    expect(answers.map(({ error }) => error)).toEqual([
      'NONE',
      'UNKNOWN_MEMBER_ID',
      'NONE',
      'UNKNOWN_MEMBER_ID',
      'UNKNOWN_MEMBER_ID',
    ])
    expect((await one.join()).generationId).toBe(generationId + 1)
  })

  it('is possible for a member that was only told its id', async () => {
    const { fixture, groups, member } = await open()
    const one = member('one')
    await fixture.stable(one)
    const memberId = await groups.join(member('two').request).catch((error) => error.memberId)
    const joining = one.join()
    expect(await stateOf(joining)).toBe('pending')
    expect(groups.leave({ groupId: 'g', members: [{ memberId, groupInstanceId: null }] })[0]!.error).toBe('NONE')
    expect((await joining).members.length).toBe(1)
  })

  it('a group that does not exist tells each UNKNOWN_MEMBER_ID', async () => {
    const { groups } = await open()
    const members = [{ memberId: 'x', groupInstanceId: null }]
    expect(groups.leave({ groupId: 'none', members })).toEqual([{ ...members[0], error: 'UNKNOWN_MEMBER_ID' }])
    expect(groups.list()).toEqual([])
  })
})

describe('cooperative and eager members', () => {
  it('see each other’s bytes unchanged', async () => {
    const { groups, member } = await open()
    const bytes = Uint8Array.from({ length: 300 }, (_, i) => i)
    const one = member('one', { protocols: [{ name: 'cooperative-sticky', metadata: bytes }] })
    expect((await one.join()).members[0]!.metadata).toEqual(bytes)
    const sent = Uint8Array.from(bytes)
    bytes.fill(0)
    await one.sync()
    expect(groups.describe('g')!.members[0]!.metadata).toEqual(sent)
  })

  it('that join twice to hand over partitions pass two generations without anybody leaving', async () => {
    const { fixture, groups, member } = await open()
    const one = member('one')
    await fixture.stable(one)
    const joining = member('two').join()
    await settle()
    expect(() => one.heartbeat()).toThrow(code('REBALANCE_IN_PROGRESS'))
    await Promise.all([one.join(), joining])
    await one.sync(() => 'revoke')
    // The cooperative leader has given something up, and joins again at once.
    const { generationId } = one
    const again = one.join()
    expect(await stateOf(again)).toBe('pending')
    expect(groups.describe('g')!.members.length).toBe(2)
    expect(one.generationId).toBe(generationId)
  })
})

describe('closing the engine', () => {
  it('refuses what waits, and everything after', async () => {
    const { fixture, groups, member } = await open()
    const [one, two] = [member('one'), member('two')]
    await fixture.stable(one, two)
    const joining = one.join()
    await settle()
    await fixture.engine.close()
    await expect(joining).rejects.toThrow(code('NOT_COORDINATOR'))
    await expect(two.join()).rejects.toThrow(code('LOG_ENGINE_CLOSED'))
    await expect(two.sync()).rejects.toThrow(code('LOG_ENGINE_CLOSED'))
    for (const call of [
      () => two.heartbeat(),
      () => two.leave(),
      () => groups.list(),
      () => groups.describe('g'),
      () => groups.delete('g'),
      () => groups.deleteOffsets('g', []),
    ])
      expect(call).toThrow(code('LOG_ENGINE_CLOSED'))
    fixture.time.advance(10_000_000)
  })
})

describe('a disk that does not take the assignments', () => {
  it('sends the members back to join, and lets the group become empty later', async () => {
    let isFull = false
    const fixture = await GroupFixture.open(
      {},
      fileSystemThat(() => isFull),
    )
    const [one, two] = [fixture.member('one'), fixture.member('two')]
    await fixture.stable(one, two)
    const joining = two.join()
    await Promise.all([one.join(), joining, two.join()])
    isFull = true
    const waiting = two.sync()
    const refusals = [stateOf(one.sync()), stateOf(waiting)]
    expect(await Promise.all(refusals)).toEqual(['COORDINATOR_NOT_AVAILABLE', 'COORDINATOR_NOT_AVAILABLE'])
    expect(fixture.engine.groups.describe('g')!.state).toBe('PreparingRebalance')
    one.leave()
    two.leave()
    expect(fixture.warnings).toEqual([expect.stringContaining("Group 'g' has no members any more")])
    isFull = false
    fixture.time.advance(1000)
    expect(fixture.engine.groups.describe('g')).toMatchObject({ state: 'Empty', members: [] })
  })
})

/** In memory; takes no more committed offsets and groups while it is full. */
function fileSystemThat(isFull: () => boolean): FileSystem {
  const open = (fileSystem: FileSystem, path: string): LogFile => {
    const file = fileSystem.open(path)
    return overriding(file, {
      write(bytes: Uint8Array, position: number) {
        if (isFull() && path.includes('__consumer_offsets')) throw Object.assign(new Error('full'), { code: 'ENOSPC' })
        file.write(bytes, position)
      },
    })
  }
  const fileSystem = memoryFileSystem()
  return overriding(fileSystem, { open: (path: string) => open(fileSystem, path) })
}

function overriding<T extends object>(target: T, methods: Partial<T>): T {
  return new Proxy(target, {
    get(_, name) {
      const value = Reflect.get(methods, name) ?? Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
