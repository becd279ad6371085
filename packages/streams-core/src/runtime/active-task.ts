import type { ChangelogPosition, StateEngine } from '@millrace/state-stores'
import type { TopicPartition } from '../clients/consumer.ts'
import type { TaskPlan } from './partition-plan.ts'
import type { StreamTask } from './stream-task.ts'

/** One store of a task with the changelog partition it is restored from. */
export interface LoggedStore {
  readonly storeName: string
  readonly changelog: TopicPartition
  /** The changelog is an input topic of the task (optimisation `reuse.ktable.source.topics`): restored up to the committed offset. */
  readonly isSource: boolean
  readonly topicId: string
  readonly leaderEpoch: number
  /** The local data includes the changelog up to this offset, exclusive. */
  offset: number
}

/**
 * A task of this worker with what outlives a restart of its processors: its engine, and where its stores stand.
 * `task` is replaced when the task is recovered from an aborted transaction; the engine stays.
 */
export interface ActiveTask {
  readonly plan: TaskPlan
  readonly engine: StateEngine
  task: StreamTask
  loggedStores: readonly LoggedStore[]
  /** The store batch of the last commit, while it is being written. */
  storeCommit: Promise<void> | undefined
}

/** What the engine records with a commit: where each logged store stands. */
export function changelogPositions(active: ActiveTask, nowMs: number): ReadonlyMap<string, ChangelogPosition> {
  const positions = new Map<string, ChangelogPosition>()
  for (const { storeName, offset, topicId, leaderEpoch } of active.loggedStores) {
    positions.set(storeName, { offset, topicId, leaderEpoch, timestamp: nowMs })
  }
  return positions
}
