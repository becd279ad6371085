import type { Time } from '../../time.ts'
import type { ClassicGroup } from './classic-group.ts'
import type { GroupMember } from './group-member.ts'

/**
 * The sessions of all members. A heartbeat only moves a deadline; a timer that fires before it is set again.
 * While a request of a member waits it cannot send heartbeats and its session does not end; unless the member is new, whose
 * client may be gone without anybody noticing.
 */
export class GroupSessions {
  readonly #time: Time
  readonly #onExpire: (group: ClassicGroup, member: GroupMember) => void

  constructor(time: Time, onExpire: (group: ClassicGroup, member: GroupMember) => void) {
    this.#time = time
    this.#onExpire = onExpire
  }

  /** The member is alive now: its session ends `timeoutMs` from now unless it is renewed. */
  renew(group: ClassicGroup, member: GroupMember, timeoutMs: number = member.sessionTimeoutMs): void {
    const deadline = this.#time.now() + timeoutMs
    if (member.session !== undefined && member.session.firesAt <= deadline) member.session.deadline = deadline
    else this.#arm(group, member, deadline)
  }

  end(member: GroupMember): void {
    member.session?.timer.cancel()
    member.session = undefined
  }

  #arm(group: ClassicGroup, member: GroupMember, deadline: number): void {
    member.session?.timer.cancel()
    const timer = this.#time.setTimer(deadline - this.#time.now(), () => this.#fire(group, member))
    member.session = { deadline, firesAt: deadline, timer }
  }

  #fire(group: ClassicGroup, member: GroupMember): void {
    const { session } = member
    if (session === undefined) return
    member.session = undefined
    const isWaiting = member.joining !== undefined || member.syncing !== undefined
    if (isWaiting && !member.isNew) return
    if (session.deadline > this.#time.now()) this.#arm(group, member, session.deadline)
    else this.#onExpire(group, member)
  }
}
