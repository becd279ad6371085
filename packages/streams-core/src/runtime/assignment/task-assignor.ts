import type { TopicPartition } from '../../clients/consumer.ts'

/** A task to be assigned. @see org.apache.kafka.streams.processor.assignment.TaskInfo */
export interface TaskInfo {
  /** `<subtopology>_<partition>`. */
  readonly id: string
  readonly subtopologyId: number
  readonly partition: number
  /** Has stores that are kept in changelogs. */
  readonly isStateful: boolean
  readonly inputPartitions: readonly TopicPartition[]
  readonly changelogPartitions: readonly TopicPartition[]
}

/**
 * One instance of the application, with all of its threads.
 * @see org.apache.kafka.streams.processor.assignment.KafkaStreamsState
 */
export interface ClientState {
  readonly processId: string
  readonly threadCount: number
  /** Its `client.tag.…` settings, by tag. */
  readonly clientTags: ReadonlyMap<string, string>
  /** Tasks that it ran until now. */
  readonly previousActiveTasks: ReadonlySet<string>
  /** Other tasks that it has state of: standby copies, and what lies in its state directory. */
  readonly previousStandbyTasks: ReadonlySet<string>
  /** Changelog records that it has not got of a stateful task; all of them when it has no state of it. */
  lagOf(taskId: string): number
  /** Whether its topology reads the task's topics: during a rolling restart topologies differ. */
  mayRun(taskId: string): boolean
}

/** The settings that assignment goes by. @see org.apache.kafka.streams.processor.assignment.AssignmentConfigs */
export interface AssignmentConfigs {
  readonly numStandbyReplicas: number
  readonly maxWarmupReplicas: number
  /** Changelog records up to which a copy counts as caught up. */
  readonly acceptableRecoveryLag: number
  /** Tags in which copies of one task are to differ, the most important first. */
  readonly rackAwareAssignmentTags: readonly string[]
}

/** Everything that an assignment is made of. @see org.apache.kafka.streams.processor.assignment.ApplicationState */
export interface ApplicationState {
  /** By id. */
  readonly tasks: ReadonlyMap<string, TaskInfo>
  /** By process id. */
  readonly clients: ReadonlyMap<string, ClientState>
  readonly configs: AssignmentConfigs
}

/** What one instance is given. @see org.apache.kafka.streams.processor.assignment.KafkaStreamsAssignment */
export interface ClientAssignment {
  readonly activeTasks: readonly string[]
  /** Copies that are kept up to date, warm-up replicas included. */
  readonly standbyTasks: readonly string[]
}

/** What everybody is given. @see org.apache.kafka.streams.processor.assignment.TaskAssignor.TaskAssignment */
export interface TaskAssignment {
  /** By process id; an instance that is absent is given nothing. */
  readonly clients: ReadonlyMap<string, ClientAssignment>
  /** Ask again after `probing.rebalance.interval.ms`: copies are warming up to take over tasks. */
  readonly needsFollowup: boolean
}

/**
 * Decides which instance runs which task: `task.assignor.class`. It runs at the member that leads the group, and should give the
 * same for the same state.
 * @see org.apache.kafka.streams.processor.assignment.TaskAssignor (KIP-924)
 */
export interface TaskAssignor {
  assign(application: ApplicationState): TaskAssignment
}
