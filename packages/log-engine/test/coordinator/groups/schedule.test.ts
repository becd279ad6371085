import { expect, it } from 'vitest'
import { type GroupDescription, type JoinGroupResponse, LogEngine, memoryFileSystem } from '../../../src/index.ts'
import { Random } from '../../faults/random.ts'
import { ManualTime } from '../../manual-time.ts'
import { type Observer, SimulatedClient } from './simulated-client.ts'

/** `GROUP_SEEDS=10000` runs so many schedules; `GROUP_SEED=7` runs that one alone. */
const count = Number(process.env['GROUP_SEEDS'] ?? 60)
const only = process.env['GROUP_SEED']
const steps = 250

const groupId = 'g'
const t0 = { topic: 't', partition: 0 }

/** What one generation was to its members. */
interface Generation {
  readonly leader: string
  readonly protocolName: string
  /** Who was given the list of members, at most one member and its successors. */
  readonly listed: Set<string>
  readonly members: Set<string>
}

/** A group under clients that come, go, fall silent and commit, and an engine that restarts; checked at every step. */
class Schedule implements Observer {
  readonly #random: Random
  readonly #time = new ManualTime()
  readonly #fileSystem = memoryFileSystem()
  readonly #clients: SimulatedClient[]
  readonly #underWay = new Set<Promise<void>>()
  #engine!: LogEngine
  /** Since the engine was opened: what the log does not hold may be told anew after a restart. */
  #generations = new Map<number, Generation>()
  #lastSettled: GroupDescription | undefined
  #lastCommitted = -1
  readonly #refused = new Set<number>()
  #nextOffset = 0
  counts = { generations: 0, commits: 0, restarts: 0, refusals: 0 }

  constructor(seed: number) {
    this.#random = new Random(seed)
    this.#clients = Array.from({ length: 2 + this.#random.below(5) }, (_, i) => {
      const instance = this.#random.chance(0.3) ? `i${i}` : null
      return new SimulatedClient(`c${i}`, groupId, instance, () => this.#engine, this)
    })
  }

  async run(): Promise<void> {
    const initialRebalanceDelayMs = this.#random.pick([0, 0, 3000])
    const groups = { initialRebalanceDelayMs }
    await this.#open(groups)
    for (let step = 0; step < steps; step++) {
      if (this.#random.chance(0.01)) await this.#restart(groups)
      else this.#act(this.#random.pick(this.#clients))
      this.#check()
      if (this.#random.chance(0.2)) this.#time.advance(this.#random.below(7000))
      this.#check()
      await this.#settle()
      this.#check()
    }
    await this.#calm()
    await this.#engine.close()
    await Promise.all(this.#underWay)
  }

  onJoined({ groupInstanceId, memberId }: SimulatedClient, response: JoinGroupResponse): void {
    const { generationId, leader, protocolName, members, skipAssignment } = response
    let generation = this.#generations.get(generationId)
    if (generation === undefined) {
      const latest = Math.max(-1, ...this.#generations.keys())
      if (groupInstanceId === null) expect(generationId, 'a new generation is the highest').toBeGreaterThan(latest)
      generation = { leader, protocolName, listed: new Set(), members: new Set() }
      this.#generations.set(generationId, generation)
      this.counts.generations++
    }
    expect(protocolName).toBe(generation.protocolName)
    if (groupInstanceId === null) expect(members.length > 0, 'only the leader sees who is in').toBe(leader === memberId)
    if (members.length === 0) return
    expect(leader).toBe(memberId)
    if (!skipAssignment) generation.listed.add(memberId)
    expect(generation.listed.size, 'one leader in a generation').toBeLessThanOrEqual(1)
    for (const member of members) generation.members.add(member.memberId)
    expect(generation.members.has(memberId)).toBe(true)
  }

  onSynced({ generationId, memberId, groupInstanceId }: SimulatedClient, assignment: string): void {
    // A static member that has taken over holds what was assigned to the one before.
    if (groupInstanceId === null) expect(assignment).toBe(`${generationId}:${memberId}`)
    else expect(assignment).toMatch(new RegExp(`^${generationId}:${groupInstanceId}-`))
  }

  onHeartbeat({ generationId, memberId }: SimulatedClient): void {
    const { generationId: current, members } = this.#engine.groups.describe(groupId)!
    expect(generationId, 'a heartbeat is accepted at the group’s generation only').toBe(current)
    expect(members.map((member) => member.memberId)).toContain(memberId)
  }

  onRefused(offset: number): void {
    this.#refused.add(offset)
    this.counts.refusals++
  }

  onCommitted(offset: number, generationId: number): void {
    expect(generationId, 'no commit of an old generation').toBe(this.#engine.groups.describe(groupId)!.generationId)
    this.#lastCommitted = offset
    this.counts.commits++
  }

  #act(client: SimulatedClient): void {
    if (!client.isAlive) {
      if (this.#random.chance(0.5)) client.start()
      return
    }
    const what = this.#random.next()
    if (what < 0.04) client.crash()
    else if (what < 0.07) client.leave()
    else if (what < 0.1) {
      client.version++
      if (client.phase === 'synced') this.#start(client.join())
    } else if (what < 0.3 && client.phase === 'synced') this.#start(client.commit(this.#nextOffset++))
    else if (what < 0.35 && client.generationId > 1)
      this.#start(client.commit(this.#nextOffset++, client.generationId - 1))
    else this.#start(client.goOn())
  }

  #check(): void {
    const group = this.#engine.groups.describe(groupId)
    const committed = this.#engine.fetchOffsets(groupId, [t0])[0]!.offset
    expect(committed, 'what was acknowledged is there').toBeGreaterThanOrEqual(this.#lastCommitted)
    expect(this.#refused.has(committed), 'what was refused is not').toBe(false)
    if (group?.state !== 'Stable' && group?.state !== 'Empty') return
    if (group.generationId > 0) this.#lastSettled = group
    const believers = this.#clients.filter(
      ({ phase, generationId }) => phase === 'synced' && generationId === group.generationId,
    )
    const ids = new Set(believers.map(({ memberId }) => memberId))
    expect(ids.size, 'nobody shares a member id').toBe(believers.length)
  }

  async #restart(groups: object): Promise<void> {
    await this.#engine.close()
    await this.#settle()
    await this.#open(groups)
    this.#generations = new Map()
    this.counts.restarts++
    expect(this.#engine.groups.describe(groupId)).toEqual(this.#lastSettled)
  }

  /** From now on everybody behaves: before long the group is Stable, with all who live and nobody else. */
  async #calm(): Promise<void> {
    const living = this.#clients.filter((client) => client.isAlive || this.#random.chance(0.5))
    for (const client of living) client.start()
    for (let round = 0; round < 60; round++) {
      for (const client of living) this.#start(client.goOn())
      await this.#settle()
      this.#time.advance(2000)
      await this.#settle()
      this.#check()
    }
    const group = this.#engine.groups.describe(groupId)
    const ids = (group?.members ?? []).map(({ memberId }) => memberId)
    expect(ids.sort(), 'who lives is a member').toEqual(living.map(({ memberId }) => memberId).sort())
    if (living.length > 0) expect(group!.state).toBe('Stable')
    expect(new Set(living.map(({ generationId }) => generationId)).size).toBeLessThanOrEqual(1)
  }

  #failure: unknown

  #start(action: Promise<void>): void {
    const watched = action.catch((error) => {
      this.#failure ??= error
    })
    this.#underWay.add(watched)
    void watched.then(() => this.#underWay.delete(watched))
  }

  async #settle(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve))
    if (this.#failure !== undefined) throw this.#failure
  }

  async #open(groups: object): Promise<void> {
    this.#engine = await LogEngine.open({ dir: '/data', fileSystem: this.#fileSystem, time: this.#time, groups })
  }
}

it('holds what it promises under any schedule', { timeout: 3_600_000 }, async () => {
  const seeds = only === undefined ? Array.from({ length: count }, (_, seed) => seed) : [Number(only)]
  const totals = { generations: 0, commits: 0, restarts: 0, refusals: 0 }
  for (const seed of seeds) {
    const schedule = new Schedule(seed)
    try {
      await schedule.run()
    } catch (error) {
      throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : error}`, { cause: error })
    }
    for (const key of Object.keys(totals) as (keyof typeof totals)[]) totals[key] += schedule.counts[key]
  }
  // The schedules do what they are for.
  if (only === undefined) for (const total of Object.values(totals)) expect(total).toBeGreaterThan(seeds.length)
})
