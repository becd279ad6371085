import type { KafkaStreams, Metric } from '@millrace/streams-core'

/** A task as `/tasks` shows it. */
export interface TaskView {
  readonly taskId: string
  readonly thread: string
  readonly role: 'active' | 'standby'
  readonly isRestoring: boolean
  readonly topicPartitions: readonly string[]
  /** By `<topic>-<partition>`; -1: none yet. */
  readonly committedOffsets: Readonly<{ [partition: string]: number }>
  readonly endOffsets: Readonly<{ [partition: string]: number }>
  readonly lag: number
  readonly droppedRecords: readonly DropView[]
}

/** Records that a task has dropped at one place for one reason. */
export interface DropView {
  readonly place: string
  readonly reason: string
  readonly count: number
}

/** The tasks of this instance. */
export function tasksOf(streams: KafkaStreams): readonly TaskView[] {
  const metrics = streams.metrics()
  return streams.metadataForLocalThreads().flatMap(({ threadName, activeTasks, standbyTasks }) =>
    [
      { role: 'active' as const, tasks: activeTasks },
      { role: 'standby' as const, tasks: standbyTasks },
    ].flatMap(({ role, tasks }) =>
      tasks.map((task) => ({
        taskId: task.taskId,
        thread: threadName,
        role,
        isRestoring: task.isRestoring,
        topicPartitions: task.topicPartitions.map(({ topic, partition }) => `${topic}-${partition}`),
        committedOffsets: Object.fromEntries(task.committedOffsets),
        endOffsets: Object.fromEntries(task.endOffsets),
        lag: task.lag,
        droppedRecords: dropsOf(metrics, threadName, task.taskId),
      })),
    ),
  )
}

function dropsOf(metrics: readonly Metric[], thread: string, taskId: string): readonly DropView[] {
  return metrics
    .filter(({ name, tags }) => {
      return name === 'dropped-records-by-reason-total' && tags['thread-id'] === thread && tags['task-id'] === taskId
    })
    .map(({ tags, value }) => ({
      place: tags['processor-node-id'] ?? '',
      reason: tags['reason'] ?? '',
      count: Number(value()),
    }))
}

/** Lags: of the inputs by task, and of the stores by store and partition. */
export async function lagsOf(streams: KafkaStreams) {
  const stores = await streams.allLocalStorePartitionLags()
  return {
    tasks: Object.fromEntries(tasksOf(streams).map(({ taskId, lag }) => [taskId, lag])),
    stores: Object.fromEntries(Array.from(stores, ([store, partitions]) => [store, Object.fromEntries(partitions)])),
  }
}

/** The stores of the topology, with the partitions that are here. */
export function storesOf(streams: KafkaStreams) {
  const { stores } = streams.queries
  return [...stores.declared.keys()].map((name) => {
    const { builder, subtopologyId } = stores.declaration(name)
    return {
      name,
      kind: builder.kind,
      isGlobal: subtopologyId === undefined,
      partitions: stores.tasks(name).map(({ plan, task }) => ({
        partition: plan.partition,
        isRestoring: task.state !== 'running',
      })),
    }
  })
}

/** True when the application can do its work: it runs, no task is being restored, and it is not paused. */
export function isReady(streams: KafkaStreams): boolean {
  return streams.state() === 'RUNNING' && !streams.isPaused() && !tasksOf(streams).some(isRestoringActive)
}

function isRestoringActive({ role, isRestoring }: TaskView): boolean {
  return role === 'active' && isRestoring
}

/** True unless the application has failed or has ended: whoever watches it should start it anew. */
export function isHealthy(streams: KafkaStreams): boolean {
  const state = streams.state()
  return state !== 'ERROR' && state !== 'PENDING_ERROR' && state !== 'NOT_RUNNING'
}
