import type { TopicPartition } from '../clients/consumer.ts'
import { partitionName } from '../clients/partition-name.ts'
import type { ActiveTask } from './active-task.ts'
import type { StateRestoreListener } from './changelog-reader.ts'

/** Listens to restoring on the way to the application's own listener, and counts what is restored and what remains. */
export class RestoreFigures implements StateRestoreListener {
  readonly #listener: StateRestoreListener
  readonly #tasks: () => Iterable<ActiveTask>
  /** By changelog partition: the task, and how many records its store lacks. */
  readonly #remaining = new Map<string, { readonly taskId: string; readonly endOffset: number; records: number }>()
  #restored = 0

  /** `tasks`: those of the thread. */
  constructor(listener: StateRestoreListener, tasks: () => Iterable<ActiveTask>) {
    this.#listener = listener
    this.#tasks = tasks
  }

  /** Records restored since the last call. */
  takeRestored(): number {
    const restored = this.#restored
    this.#restored = 0
    return restored
  }

  onRestoreStart(partition: TopicPartition, storeName: string, startingOffset: number, endingOffset: number): void {
    const active = this.#taskOf(partition, storeName)
    if (active !== undefined) {
      const taskId = active.plan.id
      const records = endingOffset - startingOffset
      this.#remaining.set(partitionName(partition), { taskId, endOffset: endingOffset, records })
      active.task.figures.remainingRecords = () => this.#remainingOf(taskId)
    }
    this.#listener.onRestoreStart?.(partition, storeName, startingOffset, endingOffset)
  }

  onBatchRestored(partition: TopicPartition, storeName: string, batchEndOffset: number, restoredCount: number): void {
    this.#restored += restoredCount
    this.#taskOf(partition, storeName)?.task.figures.restore.record(restoredCount)
    const remaining = this.#remaining.get(partitionName(partition))
    if (remaining !== undefined) remaining.records = Math.max(0, remaining.endOffset - batchEndOffset)
    this.#listener.onBatchRestored?.(partition, storeName, batchEndOffset, restoredCount)
  }

  onRestoreEnd(partition: TopicPartition, storeName: string, totalRestored: number): void {
    this.#remaining.delete(partitionName(partition))
    this.#listener.onRestoreEnd?.(partition, storeName, totalRestored)
  }

  onRestoreSuspended(partition: TopicPartition, storeName: string, totalRestored: number): void {
    this.#remaining.delete(partitionName(partition))
    this.#listener.onRestoreSuspended?.(partition, storeName, totalRestored)
  }

  #remainingOf(taskId: string): number {
    let sum = 0
    for (const remaining of this.#remaining.values()) if (remaining.taskId === taskId) sum += remaining.records
    return sum
  }

  #taskOf({ topic, partition }: TopicPartition, storeName: string): ActiveTask | undefined {
    for (const active of this.#tasks()) {
      const { changelogTopics } = active.plan.subtopology.topology
      if (active.plan.partition === partition && changelogTopics.get(storeName) === topic) return active
    }
    return undefined
  }
}
