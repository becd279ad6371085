/**
 * Which thread of an instance has a task's state open: a task that moves from one thread to another is opened there when it was
 * closed here.
 */
export class TaskLocks {
  readonly #last = new Map<string, Promise<void>>()

  /** Waits for the task's turn; gives what ends it. */
  async acquire(taskId: string): Promise<() => void> {
    const before = this.#last.get(taskId)
    let release!: () => void
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    this.#last.set(taskId, held)
    await before
    return () => {
      if (this.#last.get(taskId) === held) this.#last.delete(taskId)
      release()
    }
  }
}
