import type { Admin } from '../../clients/admin.ts'
import type { TopicPartition } from '../../clients/consumer.ts'
import type { GroupAssignor, MemberAssignment, SubscribedMember } from '../../clients/group/group-assignor.ts'
import { partitionName } from '../../clients/partition-name.ts'
import { TopologyMismatchError, toError } from '../../errors.ts'
import type { Logger } from '../../logger.ts'
import type { PartitionPlan, TaskPlan } from '../partition-plan.ts'
import type { ShutdownSignal } from '../shutdown-signal.ts'
import { changelogSizes } from './changelog-sizes.ts'
import { checkAssignment } from './check-assignment.ts'
import {
  type AssignedInstance,
  type HeldTask,
  readStreamsAssignment,
  readStreamsSubscription,
  type StreamsAssignment,
  type StreamsSubscription,
  streamsProtocolName,
  writeStreamsAssignment,
  writeStreamsSubscription,
} from './streams-protocol.ts'
import type { ApplicationState, AssignmentConfigs, ClientState, TaskAssignor, TaskInfo } from './task-assignor.ts'
import { assignThreads } from './thread-assignment.ts'
import { type StreamsMember, strangersAmong, topologyMismatch } from './topology-mismatch.ts'

/** What a thread's assignor needs. */
export interface StreamsGroupAssignorOptions {
  readonly applicationId: string
  readonly processId: string
  /** Where the instance answers queries now, `host:port`. */
  readonly applicationServer: () => string | undefined
  readonly clientTags: ReadonlyMap<string, string>
  readonly plan: PartitionPlan
  readonly configs: AssignmentConfigs & { readonly probingRebalanceIntervalMs: number }
  readonly taskAssignor: TaskAssignor
  readonly admin: Admin
  readonly logger: Logger
  readonly shutdown: ShutdownSignal
  /** What the thread has of tasks. */
  readonly heldTasks: () => readonly HeldTask[]
  /** Hears what the thread was given, before it hears of its partitions. */
  readonly onAssignment: (assignment: StreamsAssignment) => void
}

/** An assignment of nothing. */
const nothing = {
  isShutdownRequested: false,
  probingDelayMs: undefined,
  activeTasks: [],
  standbyTasks: [],
  instances: [],
}

/**
 * Shares the tasks of an application among the threads of its instances: `task.assignor.class` says which instance has a task, and the
 * instance's threads divide what it has.
 * @see org.apache.kafka.streams.processor.internals.StreamsPartitionAssignor
 */
export class StreamsGroupAssignor implements GroupAssignor {
  readonly name = streamsProtocolName
  readonly #options: StreamsGroupAssignorOptions
  readonly #tasks: ReadonlyMap<string, TaskInfo>
  /** The source topics of each subtopology, by its id. */
  readonly #subtopologies: ReadonlyMap<number, readonly string[]>
  #reported: string | undefined

  constructor(options: StreamsGroupAssignorOptions) {
    this.#options = options
    this.#tasks = new Map(options.plan.tasks.map((plan) => [plan.id, taskInfo(plan)]))
    this.#subtopologies = sourcesOf(this.#tasks.values())
  }

  userData(): Uint8Array {
    const { processId, clientTags, heldTasks, shutdown } = this.#options
    const applicationServer = this.#options.applicationServer()
    const isShutdownRequested = shutdown.isRequested
    return writeStreamsSubscription({
      processId,
      applicationServer,
      clientTags,
      isShutdownRequested,
      tasks: heldTasks(),
      subtopologies: [...this.#subtopologies.values()],
    })
  }

  async assign(members: readonly SubscribedMember[]): Promise<ReadonlyMap<string, MemberAssignment>> {
    const { taskAssignor, configs, processId, applicationId } = this.#options
    const all = members.map((member): StreamsMember => ({ ...member, ...subscriptionOf(member) }))
    const refusals = strangersAmong(applicationId, all, processId)
    // The next one that assigns is of the other application.
    const own = all.find((member) => member.processId === processId && refusals.has(member.memberId))
    if (own !== undefined) throw new TopologyMismatchError(refusals.get(own.memberId)!)
    const known = all.filter(({ memberId }) => !refusals.has(memberId))
    this.#reportMismatch(known)
    const application = await this.#application(known)
    const assignment = taskAssignor.assign(application)
    checkAssignment(application, assignment)
    const isShutdownRequested = known.some((member) => member.isShutdownRequested)
    const probingDelayMs = assignment.needsFollowup ? configs.probingRebalanceIntervalMs : undefined
    const instances: AssignedInstance[] = []
    const assignments = new Map<string, MemberAssignment>()
    for (const [memberId, refusal] of refusals) {
      const userData = writeStreamsAssignment({ ...nothing, refusal })
      assignments.set(memberId, { partitions: [], userData })
    }
    const given: { member: StreamsMember; active: readonly string[]; standby: readonly string[] }[] = []
    for (const [id, threads] of byProcess(known)) {
      const { activeTasks, standbyTasks } = assignment.clients.get(id) ?? { activeTasks: [], standbyTasks: [] }
      const applicationServer = threads.find((thread) => thread.applicationServer !== undefined)?.applicationServer
      instances.push({ processId: id, applicationServer, activeTasks, standbyTasks })
      const states = threads.map((thread) => ({
        memberId: thread.memberId,
        previousTasks: new Set(thread.tasks.flatMap(({ taskId, role }) => (role === 'stored' ? [] : [taskId]))),
        mayRun: (taskId: string) => this.#mayRun(thread, taskId),
      }))
      for (const [memberId, { active, standby }] of assignThreads(states, activeTasks, standbyTasks)) {
        given.push({ member: threads.find((thread) => thread.memberId === memberId)!, active, standby })
      }
    }
    const owners = new Map(
      members.flatMap(({ memberId, ownedPartitions }) => ownedPartitions.map((one) => [partitionName(one), memberId])),
    )
    for (const { member, active, standby } of given) {
      // What another member has to give back first comes with the next assignment; until then its new owner keeps its copy.
      const awaited = active.filter((taskId) => {
        const { isStateful, inputPartitions } = this.#tasks.get(taskId)!
        return (
          isStateful &&
          inputPartitions.some((one) => (owners.get(partitionName(one)) ?? member.memberId) !== member.memberId)
        )
      })
      const userData = writeStreamsAssignment({
        isShutdownRequested,
        // One member asks for the next rebalance: that is enough.
        probingDelayMs: member.processId === processId ? probingDelayMs : undefined,
        activeTasks: active,
        standbyTasks: [...standby, ...awaited],
        instances,
        refusal: undefined,
      })
      assignments.set(member.memberId, { partitions: this.#partitionsOf(active), userData })
    }
    return assignments
  }

  /** Whether the member has the task's subtopology, with the same topics. */
  #mayRun({ topics, subtopologies }: StreamsMember, taskId: string): boolean {
    const task = this.#tasks.get(taskId)
    if (task === undefined) return false
    if (subtopologies === undefined) return task.inputPartitions.every(({ topic }) => topics.includes(topic))
    const sources = this.#subtopologies.get(task.subtopologyId)!
    return subtopologies.some(
      (theirs) => theirs.length === sources.length && sources.every((topic) => theirs.includes(topic)),
    )
  }

  /** Once for each kind of mismatch. */
  #reportMismatch(members: readonly StreamsMember[]): void {
    const mismatch = topologyMismatch(this.#options.applicationId, members)
    const topologies =
      mismatch &&
      members
        .map(({ topics, subtopologies }) => JSON.stringify(subtopologies ?? topics))
        .sort()
        .join(';')
    if (mismatch !== undefined && topologies !== this.#reported) this.#options.logger.error(mismatch)
    this.#reported = topologies
  }

  onAssignment({ userData }: MemberAssignment): void {
    const assignment = userData === null ? { ...nothing, refusal: undefined } : readStreamsAssignment(userData)
    if (assignment.refusal !== undefined) throw new TopologyMismatchError(assignment.refusal)
    this.#options.onAssignment(assignment)
    if (assignment.isShutdownRequested) this.#options.shutdown.onRequested()
  }

  async #application(members: readonly StreamsMember[]): Promise<ApplicationState> {
    const processes = byProcess(members)
    const sizes = processes.size > 1 ? await this.#changelogSizes() : new Map<string, number>()
    const clients = [...processes].map(([processId, threads]) => this.#clientState(processId, threads, sizes))
    return {
      tasks: this.#tasks,
      clients: new Map(clients.map((client) => [client.processId, client])),
      configs: this.#options.configs,
    }
  }

  #clientState(processId: string, threads: readonly StreamsMember[], sizes: ReadonlyMap<string, number>): ClientState {
    const active = new Set<string>()
    const standby = new Set<string>()
    const sums = new Map<string, number>()
    for (const { taskId, role, offsetSum } of threads.flatMap((thread) => thread.tasks)) {
      if (role === 'active') active.add(taskId)
      else standby.add(taskId)
      sums.set(taskId, Math.max(sums.get(taskId) ?? -1, offsetSum))
    }
    return {
      processId,
      threadCount: threads.length,
      clientTags: threads[0]!.clientTags,
      previousActiveTasks: active,
      previousStandbyTasks: new Set([...standby].filter((taskId) => !active.has(taskId))),
      // Who runs a task is its changelog's only writer, and lacks nothing of it.
      lagOf: (taskId) =>
        active.has(taskId) ? 0 : Math.max(0, (sizes.get(taskId) ?? 0) - Math.max(0, sums.get(taskId) ?? 0)),
      mayRun: (taskId) => threads.some((thread) => this.#mayRun(thread, taskId)),
    }
  }

  /** Without them all lags count as 0: tasks then stay where they were. */
  async #changelogSizes(): Promise<ReadonlyMap<string, number>> {
    try {
      return await changelogSizes(this.#options.admin, this.#tasks.values())
    } catch (error) {
      this.#options.logger.warn(
        `How far copies of tasks lag is not known for this assignment: the ends of the changelogs cannot be read (${toError(error).message}).`,
      )
      return new Map()
    }
  }

  #partitionsOf(taskIds: readonly string[]): readonly TopicPartition[] {
    return taskIds.flatMap((taskId) => this.#tasks.get(taskId)?.inputPartitions ?? [])
  }
}

function taskInfo({ id, subtopology, partition, inputPartitions }: TaskPlan): TaskInfo {
  const { topology } = subtopology
  const topics = [...topology.changelogTopics.values()]
  return {
    id,
    subtopologyId: topology.subtopologyId,
    partition,
    isStateful: topics.length > 0,
    inputPartitions,
    changelogPartitions: topics.map((topic) => ({ topic, partition })),
  }
}

/** A member without user data has nothing, and is an instance of its own. */
function subscriptionOf({ memberId, userData }: SubscribedMember): StreamsSubscription {
  if (userData !== null) return readStreamsSubscription(userData)
  return {
    processId: memberId,
    applicationServer: undefined,
    isShutdownRequested: false,
    clientTags: new Map(),
    tasks: [],
    subtopologies: undefined,
  }
}

function byProcess(members: readonly StreamsMember[]): ReadonlyMap<string, readonly StreamsMember[]> {
  const processes = new Map<string, StreamsMember[]>()
  for (const member of members) {
    const threads = processes.get(member.processId)
    if (threads === undefined) processes.set(member.processId, [member])
    else threads.push(member)
  }
  return processes
}

/** The source topics of each subtopology, by its id. */
function sourcesOf(tasks: Iterable<TaskInfo>): ReadonlyMap<number, readonly string[]> {
  const sources = new Map<number, string[]>()
  for (const { subtopologyId, inputPartitions } of tasks) {
    const topics = sources.get(subtopologyId) ?? []
    for (const { topic } of inputPartitions) if (!topics.includes(topic)) topics.push(topic)
    sources.set(subtopologyId, topics)
  }
  return sources
}
