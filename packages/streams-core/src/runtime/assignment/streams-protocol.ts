// What Millrace's members of a group say to one another, as user data of Kafka's ConsumerProtocol. All big-endian; strings with
// int16 length, arrays with int32 count.
//
//   subscription   int16 version | int16 latest version | string process id | string application.server, '' if none |
//                  int8 flags (1: all instances are to end) | array of (string tag, string value): client tags |
//                  array of (task, int8 role, int64 sum of changelog offsets, -1: not known) |
//                  from version 2 on: array of (array of string: source topics), by subtopology
//   assignment     int16 version | int16 latest version | int8 flags (1: all instances are to end) |
//                  int64 ms until the next probing rebalance, -1: none | array of task: standby tasks of this member |
//                  array of (string process id, string application.server, array of task: active, array of task: standby) |
//                  from version 2 on: array of task: active tasks of this member, those that another member has yet to give
//                  back too | string why the member is refused, '' if it is not
//   task           int32 subtopology | int32 partition
//
// A later version may only add at the end: a reader takes what it knows. Versions change by a rolling restart.

import { ProtocolReader, ProtocolWriter } from '@millrace/kafka-protocol'

/** The name under which the members find one another; Java's `stream` members cannot join such a group, nor we theirs. */
export const streamsProtocolName = 'millrace'

const version = 2

/** What a member has of a task: it ran it, it kept a copy of it, or there is something in its state directory. */
export type HeldRole = 'active' | 'standby' | 'stored'

/** A task of which a member has state. */
export interface HeldTask {
  readonly taskId: string
  readonly role: HeldRole
  /** Sum of the changelog offsets at which its stores stand; -1: not known. */
  readonly offsetSum: number
}

/** What a member says of itself. */
export interface StreamsSubscription {
  readonly processId: string
  /** Undefined: it answers no queries. */
  readonly applicationServer: string | undefined
  readonly isShutdownRequested: boolean
  readonly clientTags: ReadonlyMap<string, string>
  readonly tasks: readonly HeldTask[]
  /** The source topics of each subtopology; undefined: the member is of a version that does not say. */
  readonly subtopologies: readonly (readonly string[])[] | undefined
}

/** An instance and its tasks. */
export interface AssignedInstance {
  readonly processId: string
  readonly applicationServer: string | undefined
  readonly activeTasks: readonly string[]
  readonly standbyTasks: readonly string[]
}

/** What the leader tells a member beside its partitions. */
export interface StreamsAssignment {
  readonly isShutdownRequested: boolean
  /** Undefined: nothing is to be looked at again. */
  readonly probingDelayMs: number | undefined
  /** Those that another member has yet to give back included; none from a leader of a version that does not say. */
  readonly activeTasks: readonly string[]
  readonly standbyTasks: readonly string[]
  /** All instances of the application. */
  readonly instances: readonly AssignedInstance[]
  /** Why the member cannot belong to the group. */
  readonly refusal: string | undefined
}

const roles: readonly HeldRole[] = ['active', 'standby', 'stored']

export function writeStreamsSubscription(subscription: StreamsSubscription): Uint8Array {
  const { processId, applicationServer = '', isShutdownRequested, clientTags, tasks, subtopologies = [] } = subscription
  const writer = begin()
  writer.string(processId, false)
  writer.string(applicationServer, false)
  writer.int8(isShutdownRequested ? 1 : 0)
  writer.count(clientTags.size, false)
  for (const [tag, value] of clientTags) {
    writer.string(tag, false)
    writer.string(value, false)
  }
  writer.count(tasks.length, false)
  for (const { taskId, role, offsetSum } of tasks) {
    writeTask(writer, taskId)
    writer.int8(roles.indexOf(role))
    writer.int64(offsetSum)
  }
  writer.count(subtopologies.length, false)
  for (const topics of subtopologies) {
    writer.count(topics.length, false)
    for (const topic of topics) writer.string(topic, false)
  }
  return writer.finishWhole()
}

/** @throws ProtocolError */
export function readStreamsSubscription(bytes: Uint8Array): StreamsSubscription {
  const { reader, version: theirs } = open(bytes)
  const processId = reader.string(false) ?? ''
  const applicationServer = reader.string(false) || undefined
  const isShutdownRequested = (reader.int8() & 1) !== 0
  const clientTags = new Map<string, string>()
  for (let left = reader.count(false, 4); left > 0; left -= 1) {
    clientTags.set(reader.string(false) ?? '', reader.string(false) ?? '')
  }
  const tasks: HeldTask[] = []
  for (let left = reader.count(false, 17); left > 0; left -= 1) {
    const taskId = readTask(reader)
    tasks.push({ taskId, role: roles[reader.int8()] ?? 'stored', offsetSum: reader.int64() })
  }
  const subtopologies = theirs < 2 ? undefined : readLists(reader)
  return { processId, applicationServer, isShutdownRequested, clientTags, tasks, subtopologies }
}

export function writeStreamsAssignment(assignment: StreamsAssignment): Uint8Array {
  const writer = begin()
  writer.int8(assignment.isShutdownRequested ? 1 : 0)
  writer.int64(assignment.probingDelayMs ?? -1)
  writeTasks(writer, assignment.standbyTasks)
  writer.count(assignment.instances.length, false)
  for (const { processId, applicationServer = '', activeTasks, standbyTasks } of assignment.instances) {
    writer.string(processId, false)
    writer.string(applicationServer, false)
    writeTasks(writer, activeTasks)
    writeTasks(writer, standbyTasks)
  }
  writeTasks(writer, assignment.activeTasks)
  writer.string(assignment.refusal ?? '', false)
  return writer.finishWhole()
}

/** @throws ProtocolError */
export function readStreamsAssignment(bytes: Uint8Array): StreamsAssignment {
  const { reader, version: theirs } = open(bytes)
  const isShutdownRequested = (reader.int8() & 1) !== 0
  const probingDelayMs = reader.int64()
  const standbyTasks = readTasks(reader)
  const instances: AssignedInstance[] = []
  for (let left = reader.count(false, 12); left > 0; left -= 1) {
    const processId = reader.string(false) ?? ''
    const applicationServer = reader.string(false) || undefined
    instances.push({ processId, applicationServer, activeTasks: readTasks(reader), standbyTasks: readTasks(reader) })
  }
  const activeTasks = theirs < 2 ? [] : readTasks(reader)
  const refusal = theirs < 2 ? undefined : reader.string(false) || undefined
  const isPlanned = probingDelayMs >= 0
  return {
    isShutdownRequested,
    probingDelayMs: isPlanned ? probingDelayMs : undefined,
    activeTasks,
    standbyTasks,
    instances,
    refusal,
  }
}

function begin(): ProtocolWriter {
  const writer = new ProtocolWriter()
  writer.int16(version)
  writer.int16(version)
  return writer
}

function open(bytes: Uint8Array): { readonly reader: ProtocolReader; readonly version: number } {
  const reader = new ProtocolReader(bytes)
  const theirs = reader.int16()
  reader.int16()
  return { reader, version: theirs }
}

function readLists(reader: ProtocolReader): string[][] {
  const lists: string[][] = []
  for (let left = reader.count(false, 4); left > 0; left -= 1) {
    const list: string[] = []
    for (let more = reader.count(false, 2); more > 0; more -= 1) list.push(reader.string(false) ?? '')
    lists.push(list)
  }
  return lists
}

function writeTask(writer: ProtocolWriter, taskId: string): void {
  const [subtopology = 0, partition = 0] = taskId.split('_').map(Number)
  writer.int32(subtopology)
  writer.int32(partition)
}

function readTask(reader: ProtocolReader): string {
  return `${reader.int32()}_${reader.int32()}`
}

function writeTasks(writer: ProtocolWriter, taskIds: readonly string[]): void {
  writer.count(taskIds.length, false)
  for (const taskId of taskIds) writeTask(writer, taskId)
}

function readTasks(reader: ProtocolReader): string[] {
  const taskIds: string[] = []
  for (let left = reader.count(false, 8); left > 0; left -= 1) taskIds.push(readTask(reader))
  return taskIds
}
