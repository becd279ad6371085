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
  /** The local data includes the changelog up to this offset, exclusive. */
  offset: number
  /** In which the record before `offset` was written; -1: not known. */
  leaderEpoch: number
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

/** A task's state while nobody runs it: kept open until the next assignment says who does. */
export interface SuspendedTask {
  readonly plan: TaskPlan
  readonly engine: StateEngine
  /** Its state was complete. */
  readonly wasRunning: boolean
}

/** The sum of the changelog offsets at which an engine stands; -1: it does not know. */
export function offsetSumOf(engine: StateEngine): number {
  const commit = engine.lastCommit()
  if (commit === undefined) return -1
  let sum = 0
  for (const { offset } of commit.changelogOffsets.values()) sum += offset
  return sum
}

/** What the engine records with a commit: where each logged store stands. */
export function changelogPositions(active: ActiveTask, nowMs: number): ReadonlyMap<string, ChangelogPosition> {
  const positions = new Map<string, ChangelogPosition>()
  for (const { storeName, offset, topicId, leaderEpoch } of active.loggedStores) {
    positions.set(storeName, { offset, topicId, leaderEpoch, timestamp: nowMs })
  }
  return positions
}
