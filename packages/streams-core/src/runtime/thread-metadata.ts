import type { TopicPartition } from '../clients/consumer.ts'
import type { ActiveTask } from './active-task.ts'

/** One task of this instance, and how far it is. @see org.apache.kafka.streams.TaskMetadata */
export interface TaskMetadata {
  /** `<subtopology>_<partition>`. */
  readonly taskId: string
  readonly topicPartitions: readonly TopicPartition[]
  /** By `<topic>-<partition>`: the next offset to read as it was committed last; -1 before the first commit. */
  readonly committedOffsets: ReadonlyMap<string, number>
  /** By `<topic>-<partition>`: the end that the consumer knows; -1 before the first fetch. */
  readonly endOffsets: ReadonlyMap<string, number>
  /** Since when the task has had nothing that it may process, Unix ms; undefined while it has. */
  readonly timeCurrentIdlingStarted: number | undefined
  /** Not in Java: true while its stores are being restored. */
  readonly isRestoring: boolean
  /** Not in Java: records known to be in the input partitions and not processed yet. */
  readonly lag: number
}

/** One stream thread of this instance. @see org.apache.kafka.streams.ThreadMetadata */
export interface ThreadMetadata {
  readonly threadName: string
  /** As Java writes it: CREATED, STARTING, PARTITIONS_ASSIGNED, RUNNING, PARTITIONS_REVOKED, PENDING_SHUTDOWN, DEAD. */
  readonly threadState: string
  readonly activeTasks: readonly TaskMetadata[]
  readonly standbyTasks: readonly TaskMetadata[]
  readonly consumerClientId: string
  readonly restoreConsumerClientId: string
  readonly producerClientIds: readonly string[]
  readonly adminClientId: string
}

/** The ids under which the clients of a thread appear at the brokers. */
export interface ThreadClientIds {
  readonly consumer: string
  readonly restoreConsumer: string
  readonly producer: string
  readonly admin: string
}

/** What is known about the offsets of a thread's partitions. */
export interface KnownOffsets {
  committed(topic: string, partition: number): number | undefined
  end(input: TopicPartition): number | undefined
}

/** `partitionsAssigned` as `PARTITIONS_ASSIGNED`. */
export function threadStateName(state: string): string {
  return state.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()
}

export function taskMetadata(
  { plan, task }: ActiveTask,
  offsets: KnownOffsets,
  timeCurrentIdlingStarted: number | undefined,
): TaskMetadata {
  const committedOffsets = new Map<string, number>()
  const endOffsets = new Map<string, number>()
  for (const input of plan.inputPartitions) {
    const name = `${input.topic}-${input.partition}`
    committedOffsets.set(name, offsets.committed(input.topic, input.partition) ?? task.startOffsets.get(name) ?? -1)
    endOffsets.set(name, offsets.end(input) ?? -1)
  }
  return {
    taskId: plan.id,
    topicPartitions: plan.inputPartitions,
    committedOffsets,
    endOffsets,
    timeCurrentIdlingStarted,
    isRestoring: task.state !== 'running',
    lag: task.queues.reduce((sum, queue) => sum + queue.size + (queue.lag ?? 0), 0),
  }
}
