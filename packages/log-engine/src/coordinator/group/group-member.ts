import type { EngineError } from '../../engine-error.ts'
import type { Timer } from '../../time.ts'
import type { MemberRecord } from './group-records.ts'
import type { JoinGroupRequest, JoinGroupResponse, MemberProtocol, SyncGroupResponse } from './group-requests.ts'

/** A request that is answered later. */
export interface WaitingRequest<Response> {
  resolve(response: Response): void
  reject(error: EngineError): void
}

/** Until when a member is believed to be alive. */
export interface Session {
  /** Unix ms. */
  deadline: number
  readonly timer: Timer
  /** When the timer fires, which may be before the deadline. */
  readonly firesAt: number
}

const noBytes = new Uint8Array(0)

/**
 * A member of a group as it is now: what the log says of it, the protocols it could follow, and which of its requests wait.
 * @see org.apache.kafka.coordinator.group.classic.ClassicGroupMember
 */
export class GroupMember {
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly clientId: string
  readonly clientHost: string
  sessionTimeoutMs: number
  rebalanceTimeoutMs: number
  /** In the order of preference. After a restart only the one that was chosen. */
  protocols: readonly MemberProtocol[]
  assignment: Uint8Array = noBytes
  /** Its first join still waits, so that it does not know its member id and cannot send heartbeats. */
  isNew = false
  joining: WaitingRequest<JoinGroupResponse> | undefined
  syncing: WaitingRequest<SyncGroupResponse> | undefined
  session: Session | undefined

  constructor(identity: Omit<MemberRecord, 'subscription' | 'assignment'>, protocols: readonly MemberProtocol[]) {
    this.memberId = identity.memberId
    this.groupInstanceId = identity.groupInstanceId
    this.clientId = identity.clientId
    this.clientHost = identity.clientHost
    this.sessionTimeoutMs = identity.sessionTimeoutMs
    this.rebalanceTimeoutMs = identity.rebalanceTimeoutMs
    this.protocols = protocols
  }

  /** A member that enters the group, under the id that it was given. */
  static joining(memberId: string, request: JoinGroupRequest): GroupMember {
    const member = new GroupMember({ ...request, memberId }, [])
    member.update(request)
    return member
  }

  /** A member as the log has it. */
  static restored(record: MemberRecord, protocolName: string): GroupMember {
    return new GroupMember(record, [{ name: protocolName, metadata: record.subscription }])
  }

  /** Takes over what a new join says. */
  update(request: JoinGroupRequest): void {
    this.sessionTimeoutMs = request.sessionTimeoutMs
    this.rebalanceTimeoutMs = request.rebalanceTimeoutMs < 0 ? request.sessionTimeoutMs : request.rebalanceTimeoutMs
    this.protocols = request.protocols.map(({ name, metadata }) => ({ name, metadata: Uint8Array.from(metadata) }))
  }

  /** Whether a join brings nothing new. */
  hasProtocols(protocols: readonly MemberProtocol[]): boolean {
    return (
      protocols.length === this.protocols.length &&
      protocols.every(({ name, metadata }, i) => {
        const own = this.protocols[i]!
        return name === own.name && Buffer.compare(metadata, own.metadata) === 0
      })
    )
  }

  /** Whether the log says of the member what is known of it. */
  isAsRecorded(record: MemberRecord, protocolName: string | null): boolean {
    return (
      this.sessionTimeoutMs === record.sessionTimeoutMs &&
      this.rebalanceTimeoutMs === record.rebalanceTimeoutMs &&
      Buffer.compare(this.metadataFor(protocolName), record.subscription) === 0
    )
  }

  /** The member's bytes for a protocol; empty when it does not have it. */
  metadataFor(protocolName: string | null): Uint8Array {
    return this.protocols.find(({ name }) => name === protocolName)?.metadata ?? noBytes
  }

  /** Refuses whatever of it waits. */
  refuse(error: EngineError): void {
    this.joining?.reject(error)
    this.syncing?.reject(error)
    this.joining = undefined
    this.syncing = undefined
  }

  toRecord(protocolName: string | null, assignment: Uint8Array): MemberRecord {
    return {
      memberId: this.memberId,
      groupInstanceId: this.groupInstanceId,
      clientId: this.clientId,
      clientHost: this.clientHost,
      rebalanceTimeoutMs: this.rebalanceTimeoutMs,
      sessionTimeoutMs: this.sessionTimeoutMs,
      subscription: this.metadataFor(protocolName),
      assignment,
    }
  }
}
