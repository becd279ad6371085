import type { CoordinatorRecord } from '../coordinator-log.ts'
import { RecordReader, RecordWriter } from '../record-bytes.ts'

/** A settled group as its record holds it: Stable when it has members, else Empty. */
export interface GroupRecord {
  readonly groupId: string
  readonly protocolType: string
  readonly generationId: number
  /** null without members. */
  readonly protocolName: string | null
  /** Member id; null without members. */
  readonly leader: string | null
  /** Since when the group is in its state, Unix ms; -1 in records of old brokers. */
  readonly stateTimestamp: number
  readonly members: readonly MemberRecord[]
}

/** A member of a settled group. */
export interface MemberRecord {
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly clientId: string
  readonly clientHost: string
  readonly rebalanceTimeoutMs: number
  readonly sessionTimeoutMs: number
  /** The member's bytes for the group's protocol. */
  readonly subscription: Uint8Array
  readonly assignment: Uint8Array
}

/**
 * The record of a group in `__consumer_offsets`.
 *
 *   key    | version int16 2 | group string |
 *   value  | version int16 3 | protocol type string | generation int32 | protocol string? | leader string? |
 *          | state timestamp int64 | members: count int32, each as below |
 *   member | member id string | instance id string? | client id string | client host string |
 *          | rebalance time-out ms int32 | session time-out ms int32 | subscription bytes | assignment bytes |
 *
 * @see org.apache.kafka.coordinator.group.GroupCoordinatorRecordHelpers (same bytes: GroupMetadataKey, GroupMetadataValue)
 */
export function encodeGroup(group: GroupRecord): CoordinatorRecord {
  const value = new RecordWriter()
    .int16(3)
    .string(group.protocolType)
    .int32(group.generationId)
    .string(group.protocolName)
    .string(group.leader)
    .int64(group.stateTimestamp)
    .int32(group.members.length)
  for (const member of group.members) {
    value
      .string(member.memberId)
      .string(member.groupInstanceId)
      .string(member.clientId)
      .string(member.clientHost)
      .int32(member.rebalanceTimeoutMs)
      .int32(member.sessionTimeoutMs)
      .bytes(member.subscription)
      .bytes(member.assignment)
  }
  return { key: encodeGroupKey(group.groupId), value: value.done() }
}

/** Says that the group is gone. */
export function groupTombstone(groupId: string): CoordinatorRecord {
  return { key: encodeGroupKey(groupId), value: null }
}

/** The group id of a key; undefined for keys of other kinds. */
export function decodeGroupKey(key: Uint8Array): string | undefined {
  const reader = new RecordReader(key)
  return reader.int16() === 2 ? reader.string() : undefined
}

/** Reads versions 0 to 3, with copies of all bytes; undefined for a version that is not known. */
export function decodeGroup(groupId: string, value: Uint8Array): GroupRecord | undefined {
  const reader = new RecordReader(value)
  const version = reader.int16()
  if (version < 0 || version > 3) return undefined
  const protocolType = reader.string()
  const generationId = reader.int32()
  const protocolName = reader.nullableString()
  const leader = reader.nullableString()
  const stateTimestamp = version >= 2 ? reader.int64() : -1
  const members: MemberRecord[] = []
  for (let count = reader.int32(); count > 0; count--) members.push(decodeMember(reader, version))
  return { groupId, protocolType, generationId, protocolName, leader, stateTimestamp, members }
}

function decodeMember(reader: RecordReader, version: number): MemberRecord {
  const memberId = reader.string()
  const groupInstanceId = version >= 3 ? reader.nullableString() : null
  const clientId = reader.string()
  const clientHost = reader.string()
  const rebalanceTimeoutMs = version >= 1 ? reader.int32() : -1
  const sessionTimeoutMs = reader.int32()
  return {
    memberId,
    groupInstanceId,
    clientId,
    clientHost,
    rebalanceTimeoutMs: rebalanceTimeoutMs < 0 ? sessionTimeoutMs : rebalanceTimeoutMs,
    sessionTimeoutMs,
    subscription: Uint8Array.from(reader.bytes()),
    assignment: Uint8Array.from(reader.bytes()),
  }
}

function encodeGroupKey(groupId: string): Uint8Array {
  return new RecordWriter().int16(2).string(groupId).done()
}
