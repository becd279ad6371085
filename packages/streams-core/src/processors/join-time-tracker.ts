/**
 * What the two sides of one stream-stream join know together in one task.
 * @see org.apache.kafka.streams.kstream.internals.KStreamImplJoin.TimeTracker
 */
export interface JoinTimeTracker {
  /** The greatest timestamp that either side has seen. */
  streamTime: number
  /** A time before which no unmatched record waits; Infinity when none waits. */
  minTime: number
  /** Wall-clock time before which unmatched records are not looked for again. */
  nextEmitTimeMs: number
}

/** Gives each task the tracker that its two join processors share. One for each join in a topology. */
export class JoinTimeTrackers {
  readonly #byTask = new Map<string, JoinTimeTracker>()

  get(taskId: string): JoinTimeTracker {
    let tracker = this.#byTask.get(taskId)
    if (tracker === undefined) {
      tracker = { streamTime: -1, minTime: Number.POSITIVE_INFINITY, nextEmitTimeMs: 0 }
      this.#byTask.set(taskId, tracker)
    }
    return tracker
  }

  remove(taskId: string): void {
    this.#byTask.delete(taskId)
  }
}
