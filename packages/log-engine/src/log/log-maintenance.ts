import type { FileSystem } from '../file-system.ts'
import type { Time, Timer } from '../time.ts'
import { LogCleaner } from './log-cleaner.ts'
import type { LogManager } from './log-manager.ts'
import { applyRetention } from './log-retention.ts'
import type { PartitionLog } from './partition-log.ts'
import { asStorageError } from './storage-error.ts'

/** Kafka's `log.retention.check.interval.ms`. */
const retentionIntervalMs = 300_000
/** Kafka's `log.cleaner.backoff.ms`. */
const cleaningIntervalMs = 15_000
/** Kafka's `producer.id.expiration.ms`. */
const producerExpirationMs = 86_400_000

/** What maintenance works on. */
export interface LogMaintenanceOptions {
  readonly logs: LogManager
  readonly fileSystem: FileSystem
  readonly time: Time
  /** Settles when what a partition says of others is true of them on disk, so that it may forget having said it. */
  readonly beforeCleaning: (log: PartitionLog) => Promise<void>
  readonly onWarning: (message: string) => void
}

/** Retention, compaction and the expiry of producers, now and then. */
export class LogMaintenance {
  readonly #options: LogMaintenanceOptions
  readonly #cleaner: LogCleaner
  readonly #timers = new Map<string, Timer>()
  /** Partitions that could not be cleaned, and are not tried again. */
  readonly #uncleanable = new Set<string>()
  #cleaning: Promise<void> = Promise.resolve()
  #isCleaning = false

  constructor(options: LogMaintenanceOptions) {
    this.#options = options
    this.#cleaner = new LogCleaner(options.fileSystem, () => options.time.now())
    this.#repeat('retention', retentionIntervalMs, () => this.#retain())
    this.#repeat('cleaning', cleaningIntervalMs, () => void this.#clean())
  }

  /** Does all that is due now; settles when it is done. */
  async run(): Promise<void> {
    this.#retain()
    await this.#clean()
  }

  /** Settles when nothing is under way any more. */
  async close(): Promise<void> {
    for (const timer of this.#timers.values()) timer.cancel()
    this.#cleaner.stop()
    await this.#cleaning
  }

  #retain(): void {
    const now = this.#options.time.now()
    for (const log of this.#options.logs.partitions()) {
      log.producers.expire(now - producerExpirationMs)
      try {
        applyRetention(log, now)
      } catch (error) {
        this.#warn(`Retention of partition ${log.name} failed`, error)
      }
    }
  }

  #clean(): Promise<void> {
    if (!this.#isCleaning) {
      this.#isCleaning = true
      this.#cleaning = this.#cleanAll().finally(() => {
        this.#isCleaning = false
      })
    }
    return this.#cleaning
  }

  /** The partition that needs it most comes first; what one cannot do does not hold up the others. */
  async #cleanAll(): Promise<void> {
    const needs = new Map<PartitionLog, number>()
    for (const log of this.#options.logs.partitions()) {
      const need = this.#needOf(log)
      if (need > 0) needs.set(log, need)
    }
    for (const [log] of [...needs].sort(([, a], [, b]) => b - a)) {
      if (log.isClosed) continue
      try {
        await this.#options.beforeCleaning(log)
        await this.#cleaner.clean(log)
      } catch (error) {
        this.#giveUp(log, error)
      }
    }
  }

  #needOf(log: PartitionLog): number {
    if (this.#uncleanable.has(log.name)) return 0
    try {
      return this.#cleaner.need(log)
    } catch (error) {
      this.#giveUp(log, error)
      return 0
    }
  }

  /** A partition that is damaged stays so; a disk that is full may not. */
  #giveUp(log: PartitionLog, error: unknown): void {
    const known = asStorageError(log.folder, error)
    if (known.code === 'LOG_DISK_FULL') {
      this.#warn(`Compaction of partition ${log.name} failed and is tried again later`, known)
      return
    }
    this.#uncleanable.add(log.name)
    this.#warn(`Compaction of partition ${log.name} failed and is not tried again until the engine is opened`, known)
  }

  #repeat(name: string, intervalMs: number, action: () => void): void {
    const arm = (): void => {
      const timer = this.#options.time.setTimer(intervalMs, () => {
        arm()
        action()
      })
      this.#timers.set(name, timer)
    }
    arm()
  }

  #warn(what: string, error: unknown): void {
    this.#options.onWarning(`${what}: ${error instanceof Error ? error.message : String(error)}`)
  }
}
