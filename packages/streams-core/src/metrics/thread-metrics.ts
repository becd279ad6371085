import type { Metrics, MetricTags } from '../metrics.ts'
import { nanoseconds, type Time } from '../time.ts'
import { Counter, type Distribution } from './recorders.ts'

/** A part of a thread's round. */
interface Phase {
  /** ms spent. */
  readonly spent: Counter
  /** ms, each time that something was done. */
  readonly latency: Distribution
}

/**
 * The figures of a stream thread. The clock is read between the phases of a round, never for a record:
 *
 *     beginRound ─► polled ─► restored ─► standbysUpdated ─► processed ─► punctuated ─► committed
 *
 * @see org.apache.kafka.streams.processor.internals.metrics.ThreadMetrics, DefaultStateUpdater (restoring has no thread of its own here)
 */
export class ThreadMetrics {
  readonly tags: MetricTags
  readonly created: Counter
  readonly #metrics: Metrics
  readonly #time: Time
  readonly #poll: Phase
  readonly #polls: Counter
  readonly #pollRecords: Distribution
  readonly #process: Phase
  readonly #processRecords: Distribution
  readonly #processed: Counter
  readonly #punctuate: Phase
  readonly #punctuations: Counter
  readonly #commit: Phase
  readonly #commits: Counter
  readonly #restoring: Counter
  readonly #updating: Counter
  readonly #restoreCalls: Counter
  readonly #restoreRecords: Counter
  readonly #round: Counter
  #blockedNs = 0
  /** When the open phase began, ms. */
  #phaseBegan = 0

  constructor(metrics: Metrics, threadId: string, time: Time) {
    this.#metrics = metrics
    this.#time = time
    this.tags = { 'thread-id': threadId }
    const group = 'stream-thread-metrics'
    const scope = metrics.scope(group, this.tags)
    this.#round = metrics.recorder('round', group, this.tags, () => new Counter())
    const phase = (name: string): Phase => {
      const spent = metrics.recorder(`${name}-spent`, group, this.tags, () => new Counter())
      scope.gauge(`${name}-ratio`, () => this.#shareOf(spent))
      return { spent, latency: scope.avgAndMax(`${name}-latency`) }
    }
    this.#poll = phase('poll')
    this.#polls = scope.rateAndTotal('poll')
    this.#pollRecords = scope.avgAndMax('poll-records')
    this.#process = phase('process')
    this.#processRecords = scope.avgAndMax('process-records')
    this.#processed = scope.rateAndTotal('process')
    this.#punctuate = phase('punctuate')
    this.#punctuations = scope.rateAndTotal('punctuate')
    this.#commit = phase('commit')
    this.#commits = scope.rateAndTotal('commit')
    this.created = scope.rateAndTotal('task-created')
    scope.rateAndTotal('task-closed')
    scope.gauge('blocked-time-ns-total', () => this.#blockedNs)
    const updater = this.#updaterScope()
    this.#restoring = metrics.recorder('restore-spent', group, this.tags, () => new Counter())
    this.#updating = metrics.recorder('update-spent', group, this.tags, () => new Counter())
    this.#restoreCalls = updater.rate('restore-call')
    this.#restoreRecords = updater.rate('restore-records')
    updater.gauge('active-restore-ratio', () => this.#shareOf(this.#restoring))
    updater.gauge('standby-update-ratio', () => this.#shareOf(this.#updating))
    // Positions are written with the stores' own batches, in the time of the commit.
    updater.gauge('checkpoint-ratio', () => 0)
    updater.gauge('idle-ratio', () => 1 - this.#shareOf(this.#restoring) - this.#shareOf(this.#updating))
  }

  /** What the thread's owner knows. */
  gauges(read: {
    readonly processId: string
    /** `RUNNING` and the like. */
    readonly state: () => string
    readonly startedMs: number
    readonly restoringTasks: () => number
    readonly standbyTasks: () => number
    /** True while the application is paused. */
    readonly isPaused: () => boolean
  }): void {
    const { state, processId, restoringTasks, standbyTasks, isPaused } = read
    const scope = this.#metrics.scope('stream-thread-metrics', this.tags)
    scope.gauge('state', state)
    scope.gauge('thread-start-time', () => read.startedMs)
    const withProcess = this.#metrics.scope('stream-thread-metrics', { 'process-id': processId, ...this.tags })
    withProcess.gauge('thread-state', () => threadStates.indexOf(state()))
    const updater = this.#updaterScope()
    updater.gauge('active-restoring-tasks', () => (isPaused() ? 0 : restoringTasks()))
    updater.gauge('standby-updating-tasks', () => (isPaused() ? 0 : standbyTasks()))
    updater.gauge('active-paused-tasks', () => (isPaused() ? restoringTasks() : 0))
    updater.gauge('standby-paused-tasks', () => (isPaused() ? standbyTasks() : 0))
  }

  beginRound(): void {
    this.#phaseBegan = this.#nowMs()
  }

  /** After a poll that gave so many records. */
  polled(records: number): void {
    const ms = this.#endPhase(this.#poll.spent)
    this.#blockedNs += ms * 1e6
    this.#polls.record()
    this.#poll.latency.record(ms)
    if (records > 0) this.#pollRecords.record(records)
  }

  /** After changelogs were read for tasks that are being restored. `records`: those that were applied. */
  restored(records: number): void {
    this.#endPhase(this.#restoring)
    this.#restoreCalls.record()
    this.#restoreRecords.record(records)
  }

  /** After changelogs were read for standby tasks, if there are any. */
  standbysUpdated(): void {
    this.#endPhase(this.#updating)
  }

  /** After the tasks' turns. */
  processed(records: number): void {
    const ms = this.#endPhase(this.#process.spent)
    this.#processRecords.record(records)
    this.#processed.record(records)
    if (records > 0) this.#process.latency.record(ms / records)
  }

  /** After the punctuators that were due. */
  punctuated(punctuations: number): void {
    const ms = this.#endPhase(this.#punctuate.spent)
    if (punctuations === 0) return
    this.#punctuations.record(punctuations)
    this.#punctuate.latency.record(ms / punctuations)
  }

  /** After a commit, if one was due; closes the window of time when it is over. */
  committed(didCommit: boolean): void {
    const ms = this.#endPhase(this.#commit.spent)
    if (didCommit) {
      this.#blockedNs += ms * 1e6
      this.#commits.record()
      this.#commit.latency.record(ms)
    }
    this.#metrics.roll(this.#time.now())
  }

  /** Forgets the thread's figures, those of its tasks included. */
  close(): void {
    this.#metrics.remove(this.tags)
    this.#metrics.remove(this.#updaterTags())
  }

  #updaterScope() {
    return this.#metrics.scope('stream-state-updater-metrics', this.#updaterTags())
  }

  /** As if restoring had a thread of its own, as in Java. */
  #updaterTags(): MetricTags {
    return { 'thread-id': this.tags['thread-id']!.replace('StreamThread', 'StateUpdater') }
  }

  #endPhase(spent: Counter): number {
    const now = this.#nowMs()
    const ms = Math.max(0, now - this.#phaseBegan)
    this.#phaseBegan = now
    spent.record(ms)
    this.#round.record(ms)
    return ms
  }

  #shareOf(spent: Counter): number {
    return this.#round.recent === 0 ? 0 : spent.recent / this.#round.recent
  }

  #nowMs(): number {
    return nanoseconds(this.#time) / 1e6
  }
}

/** The numbers that telemetry gives to a thread's states. @see org.apache.kafka.streams.processor.internals.StreamThread.State */
const threadStates = [
  'CREATED',
  'STARTING',
  'PARTITIONS_REVOKED',
  'PARTITIONS_ASSIGNED',
  'RUNNING',
  'PENDING_SHUTDOWN',
  'DEAD',
]
