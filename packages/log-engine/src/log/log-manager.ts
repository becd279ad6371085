import { EngineError } from '../engine-error.ts'
import type { TopicDescription } from '../engine-requests.ts'
import type { FileSystem, LogFile } from '../file-system.ts'
import { partitionName, type TopicPartition } from '../topic-partition.ts'
import { parseLogConfig } from './log-config.ts'
import { loadPartition } from './log-loader.ts'
import type { PartitionLog } from './partition-log.ts'
import { asStorageError, withStorageErrors } from './storage-error.ts'

/** What a log manager needs of the engine. */
export interface LogManagerOptions {
  readonly directory: string
  readonly fileSystem: FileSystem
  /** Appended between two checkpoints of a partition. */
  readonly checkpointBytes: number
  readonly onWarning: (message: string) => void
  /** One more partition is open. */
  readonly onOpened: () => void
  /** Something may be new in the partition of this name. */
  readonly onAdvance: (partition: string) => void
}

/**
 * The partitions of a data directory: one folder `<topic>-<partition>` each.
 * @see kafka.log.LogManager
 */
export class LogManager {
  readonly #options: LogManagerOptions
  readonly #partitions = new Map<string, PartitionLog>()
  /** Names that a crashed process has made may not be durable yet. */
  #isDirectoryDirty = true
  /** The last sync of the directory and of files that no partition syncs. */
  #directorySync: Promise<void> = Promise.resolve()
  #unsyncedFiles: LogFile[] = []

  constructor(options: LogManagerOptions) {
    this.#options = options
  }

  /** All open partitions. */
  partitions(): Iterable<PartitionLog> {
    return this.#partitions.values()
  }

  /** undefined when there is no such partition. */
  find(topicPartition: TopicPartition): PartitionLog | undefined {
    return this.#partitions.get(partitionName(topicPartition))
  }

  /** @throws UNKNOWN_TOPIC_OR_PARTITION */
  get(topicPartition: TopicPartition): PartitionLog {
    const log = this.#partitions.get(partitionName(topicPartition))
    if (log !== undefined) return log
    throw new EngineError(
      'UNKNOWN_TOPIC_OR_PARTITION',
      `There is no partition ${topicPartition.partition} of topic '${topicPartition.topic}'. Create the topic, or check its partition count.`,
    )
  }

  /**
   * Opens or makes the folders of a topic's partitions; those that are open get its configs. What a folder holds of another
   * topic of that name, which was being deleted, goes.
   */
  openTopic(topic: Pick<TopicDescription, 'name' | 'partitions' | 'configs' | 'topicId'>): void {
    const config = parseLogConfig(topic.name, topic.configs)
    for (let partition = 0; partition < topic.partitions; partition++) {
      const name = partitionName({ topic: topic.name, partition })
      const known = this.#partitions.get(name)
      if (known !== undefined) {
        known.config = config
        continue
      }
      const folder = `${this.#options.directory}/${name}`
      if (!this.#options.fileSystem.exists(folder)) this.#isDirectoryDirty = true
      const { fileSystem, checkpointBytes, onWarning, onAdvance } = this.#options
      const log = withStorageErrors(folder, () => {
        fileSystem.makeDirectory(folder)
        this.#claim(folder, topic.topicId)
        return loadPartition({ name, folder, fileSystem, config, checkpointBytes, onWarning })
      })
      log.onAdvance = () => onAdvance(name)
      this.#partitions.set(name, log)
      this.#options.onOpened()
    }
  }

  /** Removes the folders of a topic's partitions, or of those from a number on. */
  removeTopic(topic: Pick<TopicDescription, 'name' | 'partitions' | 'topicId'>, from = 0): void {
    const { fileSystem, directory } = this.#options
    for (let partition = from; partition < topic.partitions; partition++) {
      const name = partitionName({ topic: topic.name, partition })
      this.#partitions.get(name)?.abandon()
      this.#partitions.delete(name)
      const folder = `${directory}/${name}`
      withStorageErrors(folder, () => {
        if (fileSystem.exists(folder) && this.#topicIdOf(folder) === topic.topicId) fileSystem.remove(folder)
      })
    }
    this.#isDirectoryDirty = true
  }

  /** Settles when the partitions, and the directory that names them, are durable. */
  async sync(partitions: Iterable<PartitionLog>): Promise<void> {
    const syncs = [...partitions].map((partition) => partition.sync())
    await Promise.all([...syncs, this.#syncDirectory()])
  }

  #syncDirectory(): Promise<void> {
    if (this.#isDirectoryDirty) {
      this.#isDirectoryDirty = false
      const files = this.#unsyncedFiles
      this.#unsyncedFiles = []
      const before = this.#directorySync
      this.#directorySync = this.#runDirectorySync(before, files)
    }
    return this.#directorySync
  }

  async #runDirectorySync(before: Promise<void>, files: readonly LogFile[]): Promise<void> {
    const { fileSystem, directory } = this.#options
    try {
      await Promise.all([before, fileSystem.syncDirectory(directory), ...files.map((file) => file.sync())])
    } catch (error) {
      throw asStorageError(directory, error)
    } finally {
      for (const file of files) file.close()
    }
  }

  /** Closes all partitions; throws the first failure after all have been tried. */
  async close(): Promise<void> {
    const results = await Promise.allSettled([...this.#partitions.values()].map((partition) => partition.close()))
    const failed = results.find((result) => result.status === 'rejected')
    if (failed !== undefined) throw failed.reason
  }

  /** Closes all partitions without writing. */
  abandon(): void {
    for (const partition of this.#partitions.values()) partition.abandon()
  }

  #claim(folder: string, topicId: string): void {
    const { fileSystem } = this.#options
    const found = this.#topicIdOf(folder)
    if (found === topicId) return
    if (found !== undefined) {
      fileSystem.remove(folder)
      fileSystem.makeDirectory(folder)
    }
    const file = fileSystem.open(`${folder}/partition.metadata`)
    file.truncate(0)
    file.write(Buffer.from(`version: 0\ntopic_id: ${topicId}`), 0)
    this.#unsyncedFiles.push(file)
    this.#isDirectoryDirty = true
  }

  /** The topic id in Kafka's `partition.metadata`. */
  #topicIdOf(folder: string): string | undefined {
    const path = `${folder}/partition.metadata`
    if (!this.#options.fileSystem.exists(path)) return undefined
    return /^topic_id: (\S+)$/m.exec(Buffer.from(this.#options.fileSystem.readFile(path)).toString())?.[1]
  }
}
