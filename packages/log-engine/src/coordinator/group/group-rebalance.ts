// GroupRebalance: how a group gets from one settled state to the next.
//
// Owns:      the order of the phases, their time-outs, who is dropped for being late.
// Does not:  check requests (GroupCoordinator, GroupJoining), know the bytes of the log (ConsumerOffsetsLog).
// In:        `advance` after a member was added, changed or removed; the leader's assignments; time.
// Out:       answers to joins and syncs that wait; one record per settled state.
//
//   prepare ─► (all have rejoined, or time is up) ─► completeJoin ─► (the leader syncs) ─► settle ─► Stable
//      ▲                                                 │ nobody is left ─► settle ─► Empty
//      └── a member joins anew, leaves, falls silent, or does not sync in time ◄── any later state
//
// Invariants
//   B1. A generation begins for all members at once, in the turn in which the join phase ends.
//   B2. Members are answered after the record is in the log, never before.
//   B3. A phase has one timer; the next phase cancels it.

import type { Time } from '../../time.ts'
import type { ClassicGroup } from './classic-group.ts'
import type { ConsumerOffsetsLog } from './consumer-offsets-log.ts'
import type { GroupConfig } from './group-config.ts'
import { coordinatorIsNotAvailable, rebalanceInProgress, unknownMember } from './group-errors.ts'
import type { GroupMember } from './group-member.ts'
import { encodeGroup } from './group-records.ts'
import type { MemberAssignment } from './group-requests.ts'
import { GroupSessions } from './group-sessions.ts'

/** How soon a record that could not be written is tried again. */
const retryMs = 1000

/** What rebalances need. */
export interface GroupRebalanceOptions {
  readonly log: ConsumerOffsetsLog
  readonly time: Time
  readonly config: GroupConfig
  readonly onWarning: (message: string) => void
}

/** @see org.apache.kafka.coordinator.group.GroupMetadataManager (the classic group's part) */
export class GroupRebalance {
  readonly sessions: GroupSessions
  readonly #options: GroupRebalanceOptions

  constructor(options: GroupRebalanceOptions) {
    this.#options = options
    this.sessions = new GroupSessions(options.time, (group, member) => this.remove(group, [member]))
  }

  /** Begins a rebalance; during a join phase, ends it when nobody is missing any more. */
  advance(group: ClassicGroup): void {
    if (group.canPrepareRebalance) this.prepare(group)
    else this.maybeCompleteJoin(group)
  }

  /** Asks all members to join again. */
  prepare(group: ClassicGroup): void {
    for (const member of group.members.values()) {
      member.syncing?.reject(rebalanceInProgress(group.groupId))
      member.syncing = undefined
    }
    group.prepareRebalance()
    if (group.isInitialRebalance) {
      const { initialRebalanceDelayMs } = this.#options.config
      const remainingMs = Math.max(group.rebalanceTimeoutMs - initialRebalanceDelayMs, 0)
      this.#waitForMore(group, initialRebalanceDelayMs, remainingMs)
    } else if (group.hasAllJoined) this.#completeJoin(group)
    else this.#setTimer(group, group.rebalanceTimeoutMs, () => this.#completeJoin(group))
  }

  maybeCompleteJoin(group: ClassicGroup): void {
    if (group.state === 'PreparingRebalance' && !group.isInitialRebalance && group.hasAllJoined) {
      this.#completeJoin(group)
    }
  }

  /** Settles the generation with the leader's assignments, and answers all syncs that wait. */
  completeSync(group: ClassicGroup, assignments: readonly MemberAssignment[]): void {
    const byMember = new Map(assignments.map(({ memberId, assignment }) => [memberId, assignment]))
    try {
      this.#settle(group, byMember)
    } catch (error) {
      const reason = coordinatorIsNotAvailable(group.groupId, error)
      for (const member of group.members.values()) member.refuse(reason)
      this.prepare(group)
      return
    }
    for (const member of group.members.values()) {
      if (member.syncing === undefined) continue
      member.syncing.resolve(group.syncResponse(member))
      member.syncing = undefined
      this.sessions.renew(group, member)
    }
  }

  /** The member has synced. When all have, nobody is dropped for not doing so. */
  noteSync(group: ClassicGroup, member: GroupMember): void {
    if (group.missingSyncs.delete(member.memberId) && group.missingSyncs.size === 0) {
      group.phaseTimer?.cancel()
      group.phaseTimer = undefined
    }
  }

  /** Members leave, or are gone; the others share what they had. */
  remove(group: ClassicGroup, members: readonly GroupMember[]): void {
    for (const member of members) {
      this.sessions.end(member)
      member.refuse(unknownMember(group.groupId, member.memberId))
      group.remove(member)
    }
    this.advance(group)
  }

  /** The initial rebalance: waits as long as members keep coming, and at most a rebalance time-out. */
  #waitForMore(group: ClassicGroup, delayMs: number, remainingMs: number): void {
    const end = (): void => {
      if (!group.hasNewMember || remainingMs === 0) {
        this.#completeJoin(group)
        return
      }
      group.hasNewMember = false
      const { initialRebalanceDelayMs } = this.#options.config
      this.#waitForMore(group, Math.min(initialRebalanceDelayMs, remainingMs), Math.max(remainingMs - delayMs, 0))
    }
    if (delayMs === 0) end()
    else this.#setTimer(group, delayMs, end)
  }

  /** Ends the join phase with those who have joined; static members may be missing, they keep their place. */
  #completeJoin(group: ClassicGroup): void {
    this.#cancelTimer(group)
    for (const member of [...group.members.values()]) {
      if (member.joining !== undefined || member.groupInstanceId !== null) continue
      this.sessions.end(member)
      group.remove(member)
    }
    if (group.members.size === 0) this.#becomeEmpty(group)
    else if (group.electJoinedLeader()) this.#beginGeneration(group)
    // All that is left are static members that are silent: each until its session ends.
    else this.#setTimer(group, group.rebalanceTimeoutMs, () => this.#completeJoin(group))
  }

  #beginGeneration(group: ClassicGroup): void {
    group.completeJoin()
    for (const member of group.members.values()) {
      member.joining?.resolve(group.joinResponse(member))
      member.joining = undefined
      member.isNew = false
      this.sessions.renew(group, member)
    }
    this.#setTimer(group, group.rebalanceTimeoutMs, () => this.#dropUnsynced(group))
  }

  #becomeEmpty(group: ClassicGroup): void {
    try {
      this.#settle(group, new Map())
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      this.#options.onWarning(
        `Group '${group.groupId}' has no members any more, which cannot be written yet: ${reason}`,
      )
      this.#setTimer(group, retryMs, () => this.#completeJoin(group))
    }
  }

  #dropUnsynced(group: ClassicGroup): void {
    const late = [...group.missingSyncs].flatMap((memberId) => group.members.get(memberId) ?? [])
    this.remove(group, late)
  }

  #settle(group: ClassicGroup, assignments: ReadonlyMap<string, Uint8Array>): void {
    this.#options.log.append([encodeGroup(group.toRecord(assignments, this.#options.time.now()))])
  }

  #setTimer(group: ClassicGroup, delayMs: number, fire: () => void): void {
    this.#cancelTimer(group)
    group.phaseTimer = this.#options.time.setTimer(delayMs, () => {
      group.phaseTimer = undefined
      fire()
    })
  }

  #cancelTimer(group: ClassicGroup): void {
    group.phaseTimer?.cancel()
    group.phaseTimer = undefined
  }
}
