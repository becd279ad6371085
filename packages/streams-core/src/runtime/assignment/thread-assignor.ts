import type { Admin } from '../../clients/admin.ts'
import type { GroupAssignor } from '../../clients/group/group-assignor.ts'
import { StreamsConfigError } from '../../errors.ts'
import type { HostInfo } from '../../queries/host-info.ts'
import type { StreamsConfig } from '../../streams-config.ts'
import type { PartitionPlan } from '../partition-plan.ts'
import type { ShutdownSignal } from '../shutdown-signal.ts'
import type { AssignedWork } from './assigned-work.ts'
import { highAvailabilityAssignor } from './high-availability-assignor.ts'
import { StreamsGroupAssignor } from './streams-group-assignor.ts'
import type { HeldTask } from './streams-protocol.ts'
import type { TaskAssignor } from './task-assignor.ts'

/** The assignor of a stream thread, by the application's settings. @throws StreamsConfigError for an assignor that is none */
export function threadAssignor(options: {
  readonly config: StreamsConfig
  readonly plan: PartitionPlan
  readonly processId: string
  readonly admin: Admin
  readonly applicationServer: () => HostInfo | undefined
  readonly shutdown: ShutdownSignal
  readonly work: AssignedWork
  readonly heldTasks: () => readonly HeldTask[]
}): GroupAssignor {
  const { config, work } = options
  return new StreamsGroupAssignor({
    ...options,
    applicationId: config.applicationId,
    applicationServer: () => textOf(options.applicationServer()),
    clientTags: clientTags(config),
    configs: config,
    taskAssignor: taskAssignor(config),
    logger: config.logger,
    onAssignment: (assignment) => work.accept(assignment),
  })
}

function textOf(server: HostInfo | undefined): string | undefined {
  if (server === undefined) return undefined
  const { host, port } = server
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

const tagPrefix = 'client.tag.'

function clientTags({ properties }: StreamsConfig): ReadonlyMap<string, string> {
  const tags = Object.entries(properties).filter(([key]) => key.startsWith(tagPrefix))
  return new Map(tags.map(([key, value]) => [key.slice(tagPrefix.length), String(value)]))
}

function taskAssignor({ taskAssignor: given }: StreamsConfig): TaskAssignor {
  if (given === undefined || given === null || given === '') return highAvailabilityAssignor
  if (typeof given === 'object' && 'assign' in given && typeof given.assign === 'function') return given as TaskAssignor
  throw new StreamsConfigError(
    'task.assignor.class',
    "Setting 'task.assignor.class' must be an object with a method assign(application).",
  )
}
