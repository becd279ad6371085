// The records of consumer groups in `__consumer_offsets`. Keys: version int16 (the kind), group string, and for 5, 7, 8 the
// member id string, for 16 the expression string. Values: version int16 0, then the fields below, then tagged fields.
//
//    3  group           epoch int32, tag 0: hash of the subscribed topics int64
//    5  member          instance id string?, rack id string?, client id string, client host string, topic names string[],
//                       expression string, rebalance time-out ms int32, assignor string?, tag 0: int8 0, or for a member that
//                       follows the classic protocol int8 1, session time-out ms int32, protocols[]: name string, metadata bytes
//    6  target          epoch int32
//    7  member's target topics[]: topic id uuid, partitions int32[]
//    8  member's state  member epoch int32, previous int32, state int8, assigned topics[], to be given up topics[]:
//                       topic id uuid, partitions int32[], tag 0: epochs int32[], one for each partition
//   16  expression      topic names string[], version int64, Unix ms int64
//
// All strings and arrays of values are compact. A null value says that the thing is gone. The bytes are Kafka's.

import type { CoordinatorRecord } from '../coordinator-log.ts'
import { RecordReader, RecordWriter } from '../record-bytes.ts'
import type { ClassicMember } from './classic-member.ts'
import type {
  CurrentAssignment,
  HeldPartitions,
  MemberState,
  MemberSubscription,
  TopicIdPartitions,
} from './consumer-group-member.ts'

/** What a record says of a group; `value` null: it is gone. */
export type ConsumerGroupRecord =
  | { readonly kind: 'group'; readonly groupId: string; readonly value: GroupEpoch | null }
  | MemberRecord<'member', MemberSubscription>
  | { readonly kind: 'target'; readonly groupId: string; readonly value: number | null }
  | MemberRecord<'member-target', TopicIdPartitions>
  | MemberRecord<'member-state', CurrentAssignment>
  | {
      readonly kind: 'expression'
      readonly groupId: string
      readonly expression: string
      readonly value: ResolvedExpression | null
    }

interface MemberRecord<Kind extends string, Value> {
  readonly kind: Kind
  readonly groupId: string
  readonly memberId: string
  readonly value: Value | null
}

/** The epoch of a group. */
export interface GroupEpoch {
  readonly epoch: number
  /** Of the topics that its members subscribe to, as they were at that epoch. */
  readonly metadataHash: bigint
}

/** The topics whose names match an expression. */
export interface ResolvedExpression {
  readonly topicNames: readonly string[]
  /** Unix ms. */
  readonly timestamp: number
}

const kinds = { group: 3, member: 5, target: 6, 'member-target': 7, 'member-state': 8, expression: 16 } as const
const states: readonly MemberState[] = ['stable', 'unrevoked-partitions', 'unreleased-partitions']

/** @see org.apache.kafka.coordinator.group.GroupCoordinatorRecordHelpers (same bytes) */
export function encodeConsumerGroupRecord(record: ConsumerGroupRecord): CoordinatorRecord {
  const key = new RecordWriter().int16(kinds[record.kind]).string(record.groupId)
  if ('memberId' in record) key.string(record.memberId)
  else if (record.kind === 'expression') key.string(record.expression)
  return { key: key.done(), value: record.value === null ? null : encodeValue(record) }
}

/** The records that remove a group without members. */
export function consumerGroupTombstones(group: {
  readonly groupId: string
  readonly expressions: ReadonlyMap<string, unknown>
}): ConsumerGroupRecord[] {
  const { groupId } = group
  const expressions = [...group.expressions.keys()].map(
    (expression): ConsumerGroupRecord => ({ kind: 'expression', groupId, expression, value: null }),
  )
  return [...expressions, { kind: 'target', groupId, value: null }, { kind: 'group', groupId, value: null }]
}

/** The records that remove a member. */
export function memberTombstones(groupId: string, memberId: string): ConsumerGroupRecord[] {
  return [
    { kind: 'member-state', groupId, memberId, value: null },
    { kind: 'member-target', groupId, memberId, value: null },
    { kind: 'member', groupId, memberId, value: null },
  ]
}

/** undefined for records of other kinds, and of versions that are not known. */
export function decodeConsumerGroupRecord(key: Uint8Array, value: Uint8Array | null): ConsumerGroupRecord | undefined {
  const reader = new RecordReader(key)
  const number = reader.int16()
  const kind = (Object.keys(kinds) as ConsumerGroupRecord['kind'][]).find((one) => kinds[one] === number)
  if (kind === undefined) return undefined
  const groupId = reader.string()
  const content = value === null ? null : new RecordReader(value)
  if (content !== null && content.int16() !== 0) return undefined
  switch (kind) {
    case 'group':
      return { kind, groupId, value: content && decodeEpoch(content) }
    case 'target':
      return { kind, groupId, value: content === null ? null : content.int32() }
    case 'expression':
      return { kind, groupId, expression: reader.string(), value: content && decodeExpression(content) }
    case 'member':
      return { kind, groupId, memberId: reader.string(), value: content && decodeSubscription(content) }
    case 'member-target':
      return { kind, groupId, memberId: reader.string(), value: content && decodeTarget(content) }
    case 'member-state':
      return { kind, groupId, memberId: reader.string(), value: content && decodeCurrent(content) }
    default:
      return undefined
  }
}

function encodeValue(record: ConsumerGroupRecord): Uint8Array {
  const writer = new RecordWriter().int16(0)
  const { kind, value } = record
  if (value === null) return writer.done()
  switch (kind) {
    case 'group':
      writer.int32(value.epoch).tags([0, new RecordWriter().int64(value.metadataHash).done()])
      break
    case 'target':
      writer.int32(value).tags()
      break
    case 'expression':
      strings(writer, value.topicNames).int64(0).int64(value.timestamp).tags()
      break
    case 'member':
      writer.compactString(value.instanceId).compactString(value.rackId)
      writer.compactString(value.clientId).compactString(value.clientHost)
      strings(writer, value.topicNames).compactString(value.topicRegex ?? '')
      writer
        .int32(value.rebalanceTimeoutMs)
        .compactString(value.serverAssignor)
        .tags([0, encodeClassic(value.classic)])
      break
    case 'member-target':
      writer.compactArray(value.size)
      for (const [topicId, partitions] of value) int32s(writer.uuid(topicId), [...partitions]).tags()
      writer.tags()
      break
    case 'member-state':
      writer.int32(value.memberEpoch).int32(value.previousMemberEpoch).int8(states.indexOf(value.state))
      held(held(writer, value.assigned), value.pendingRevocation).tags()
      break
  }
  return writer.done()
}

function strings(writer: RecordWriter, values: readonly string[]): RecordWriter {
  writer.compactArray(values.length)
  for (const value of values) writer.compactString(value)
  return writer
}

function int32s(writer: RecordWriter, values: readonly number[]): RecordWriter {
  writer.compactArray(values.length)
  for (const value of values) writer.int32(value)
  return writer
}

function held(writer: RecordWriter, topics: HeldPartitions): RecordWriter {
  writer.compactArray(topics.size)
  for (const [topicId, partitions] of topics) {
    int32s(writer.uuid(topicId), [...partitions.keys()])
    writer.tags([0, int32s(new RecordWriter(), [...partitions.values()]).done()])
  }
  return writer
}

function decodeEpoch(reader: RecordReader): GroupEpoch {
  const epoch = reader.int32()
  return { epoch, metadataHash: reader.tags().get(0)?.bigint64() ?? 0n }
}

function decodeExpression(reader: RecordReader): ResolvedExpression {
  const topicNames = reader.compactArray(() => reader.compactString())
  reader.int64()
  return { topicNames, timestamp: reader.int64() }
}

function decodeSubscription(reader: RecordReader): MemberSubscription {
  return {
    instanceId: reader.compactNullableString(),
    rackId: reader.compactNullableString(),
    clientId: reader.compactString(),
    clientHost: reader.compactString(),
    topicNames: reader.compactArray(() => reader.compactString()),
    topicRegex: reader.compactNullableString() || null,
    rebalanceTimeoutMs: reader.int32(),
    serverAssignor: reader.compactNullableString(),
    classic: decodeClassic(reader.tags().get(0)),
  }
}

function encodeClassic(member: ClassicMember | null): Uint8Array {
  if (member === null) return new RecordWriter().int8(0).done()
  const { sessionTimeoutMs, protocols } = member
  const writer = new RecordWriter().int8(1).int32(sessionTimeoutMs).compactArray(protocols.length)
  for (const { name, metadata } of protocols) writer.compactString(name).compactBytes(metadata).tags()
  return writer.tags().done()
}

function decodeClassic(reader: RecordReader | undefined): ClassicMember | null {
  if (reader === undefined || reader.int8() !== 1) return null
  return {
    sessionTimeoutMs: reader.int32(),
    protocols: reader.compactArray(() => {
      const protocol = { name: reader.compactString(), metadata: Uint8Array.from(reader.compactBytes()) }
      reader.tags()
      return protocol
    }),
  }
}

function decodeTarget(reader: RecordReader): TopicIdPartitions {
  return new Map(
    reader.compactArray(() => {
      const topicId = reader.uuid()
      const partitions = new Set(reader.compactArray(() => reader.int32()))
      reader.tags()
      return [topicId, partitions] as const
    }),
  )
}

function decodeCurrent(reader: RecordReader): CurrentAssignment {
  const memberEpoch = reader.int32()
  return {
    memberEpoch,
    previousMemberEpoch: reader.int32(),
    state: states[reader.int8()] ?? 'stable',
    assigned: decodeHeld(reader, memberEpoch),
    pendingRevocation: decodeHeld(reader, memberEpoch),
  }
}

/** Brokers before 4.3 do not say at which epoch a partition was assigned. */
function decodeHeld(reader: RecordReader, memberEpoch: number): HeldPartitions {
  return new Map(
    reader.compactArray(() => {
      const topicId = reader.uuid()
      const partitions = reader.compactArray(() => reader.int32())
      const epochs = reader.tags().get(0)
      const known = epochs?.compactArray(() => epochs.int32()) ?? []
      return [topicId, new Map(partitions.map((partition, i) => [partition, known[i] ?? memberEpoch]))] as const
    }),
  )
}
