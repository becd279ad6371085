import type { RecordBatchReader } from '@millrace/kafka-protocol'
import { EngineError } from '../engine-error.ts'
import type { FileSystem } from '../file-system.ts'
import { finishCleaning } from './cleaned-segment.ts'
import { LeaderEpochs } from './leader-epochs.ts'
import type { LogConfig } from './log-config.ts'
import { LogSegment, segmentFileName } from './log-segment.ts'
import { PartitionCheckpoint, type SavedCheckpoint, type SavedPosition } from './partition-checkpoint.ts'
import { PartitionLog } from './partition-log.ts'
import { decodeProducerSnapshot } from './producer-snapshot.ts'
import { ProducerStateManager } from './producer-state-manager.ts'

/** Which partition to load. */
export interface LoadRequest {
  /** `topic-partition`. */
  readonly name: string
  readonly folder: string
  readonly fileSystem: FileSystem
  readonly config: LogConfig
  readonly checkpointBytes: number
  /** Hears what recovery has cut. */
  readonly onWarning: (message: string) => void
}

/** A place between two batches. */
export interface LogPosition {
  readonly offset: number
  readonly segment: LogSegment
  readonly position: number
}

/**
 * Opens a partition's folder, making an empty partition of an empty one.
 *
 * What was made durable is trusted, and so is what was written and noted if the machine has not stopped since: a process
 * that dies takes nothing with it but the write it was in. What follows is checked batch by batch and cut at the first that
 * is torn. Indexes and the producers' state are read from their files as far as these go, and rebuilt from there. Unless
 * the partition was closed cleanly a new leader epoch begins.
 *
 * @see org.apache.kafka.storage.internals.log.LogLoader
 * When what is trusted is damaged or missing nothing is changed, and the partition can only be read, as far as it goes.
 */
export function loadPartition(request: LoadRequest): PartitionLog {
  try {
    return new LogLoader(request).load()
  } catch (error) {
    if (!(error instanceof EngineError && error.code === 'CORRUPT_MESSAGE')) throw error
    request.onWarning(error.message)
    return new LogLoader(request).salvage(error)
  }
}

class LogLoader {
  readonly #request: LoadRequest
  readonly #producers: ProducerStateManager
  readonly #checkpoint: PartitionCheckpoint
  readonly #epochs: LeaderEpochs
  readonly #segments: LogSegment[]
  /** Producers are known up to here; batches from here on are shown to them. */
  #producersOffset = 0
  #nextOffset = 0
  #lastEpoch = -1

  constructor(request: LoadRequest) {
    const { fileSystem, folder } = request
    this.#request = request
    this.#producers = new ProducerStateManager(request.name)
    fileSystem.makeDirectory(folder)
    this.#checkpoint = new PartitionCheckpoint(fileSystem, folder)
    this.#epochs = new LeaderEpochs(fileSystem, folder)
    finishCleaning(fileSystem, folder)
    this.#segments = this.#offsetsOf('.log').map((base) => new LogSegment(fileSystem, folder, base))
  }

  load(): PartitionLog {
    const { fileSystem, folder } = this.#request
    const saved = this.#checkpoint.read()
    const isNew = this.#segments.length === 0
    if (isNew && saved !== undefined && saved.durable.position > 0) {
      throw this.#lost(`${folder}/${segmentFileName(saved.durable.segment)}.log is missing`)
    }
    if (isNew) this.#segments.push(new LogSegment(fileSystem, folder, saved?.logStartOffset ?? 0))
    this.#dropDeleted(saved?.logStartOffset ?? 0)
    let durable = this.#find(saved?.durable)
    const isWhole = saved?.isOfThisBoot === true && saved.written.offset > durable.offset
    const trusted = isWhole ? this.#find(saved.written) : durable
    // What was written together with a snapshot is durable once something after it is.
    this.#loadProducers(isWhole || saved?.isClean ? trusted.offset : trusted.offset - 1)
    this.#openSegments(trusted, saved?.isClean || saved?.isOfThisBoot ? undefined : saved?.indexed)
    const logStartOffset = Math.max(saved?.logStartOffset ?? 0, this.#segments[0]!.baseOffset)
    if (this.#nextOffset < logStartOffset) durable = this.#restartAt(logStartOffset)
    const isClean = saved?.isClean === true && durable.offset === this.#nextOffset
    if (saved?.isSyncing) this.#rewriteFrom(durable)
    if (!isClean) this.#epochs.begin(this.#nextOffset, this.#findLastEpoch() + 1)
    return new PartitionLog({
      ...this.#request,
      segments: this.#segments,
      producers: this.#producers,
      epochs: this.#epochs,
      checkpoint: this.#checkpoint,
      logStartOffset,
      cleanedOffset: saved?.cleanedOffset ?? 0,
      endOffset: this.#nextOffset,
      durable,
      isClean,
    })
  }

  /** A loss of power can bring back segments that were deleted. */
  #dropDeleted(logStartOffset: number): void {
    while (this.#segments.length > 1 && this.#segments[1]!.baseOffset <= logStartOffset)
      this.#segments.shift()!.remove()
  }

  /** The partition as its files are, stopped by the damage that was found. */
  salvage(damage: EngineError): PartitionLog {
    const { fileSystem, folder } = this.#request
    const saved = this.#checkpoint.read()
    const known = Math.max(saved?.durable.offset ?? 0, saved?.written.offset ?? 0)
    if (this.#segments.length === 0) this.#segments.push(new LogSegment(fileSystem, folder, known))
    for (const segment of this.#segments) segment.openSealed()
    const first = this.#segments[0]!
    const readableOffset = this.#readUntilDamage()
    const log = new PartitionLog({
      ...this.#request,
      segments: this.#segments,
      producers: this.#producers,
      epochs: this.#epochs,
      checkpoint: this.#checkpoint,
      logStartOffset: Math.max(saved?.logStartOffset ?? 0, first.baseOffset),
      cleanedOffset: saved?.cleanedOffset ?? 0,
      endOffset: Math.max(known, this.#segments.at(-1)!.baseOffset),
      durable: { offset: first.baseOffset, segment: first, position: 0 },
      isClean: true,
      readableOffset,
    })
    log.fail(damage)
    return log
  }

  /** Shows all batches before the damage to the producers' state; returns the offset after the last. */
  #readUntilDamage(): number {
    let offset = this.#segments[0]!.baseOffset
    for (const segment of this.#segments) {
      const end = segment.walk(0, segment.fileBytes, (reader) => {
        if (!reader.isCrcValid) return false
        this.#producers.apply(reader)
        offset = reader.lastOffset + 1
        return true
      })
      if (end < segment.fileBytes) break
    }
    return offset
  }

  /** The leader epoch of the last batch; -1 when there is none. */
  #findLastEpoch(): number {
    for (const segment of [...this.#segments].reverse()) {
      if (this.#lastEpoch >= 0) break
      const start = segment.positionNear(Number.MAX_SAFE_INTEGER)
      segment.walk(start, segment.fileBytes, (reader) => {
        this.#lastEpoch = reader.leaderEpoch
        return true
      })
    }
    return this.#lastEpoch
  }

  /** Base offsets of the files with this ending, ascending. */
  #offsetsOf(ending: string): number[] {
    return this.#request.fileSystem
      .list(this.#request.folder)
      .filter((name) => name.endsWith(ending) && /^\d{20}\./.test(name))
      .map((name) => Number(name.slice(0, 20)))
      .sort((a, b) => a - b)
  }

  /** The place that a checkpoint names; the start when there is none, or when its segment was deleted since. */
  #find(saved: SavedPosition | undefined): LogPosition {
    const first = this.#segments[0]!
    const atStart = { offset: first.baseOffset, segment: first, position: 0 }
    if (saved === undefined || saved.segment < first.baseOffset) return atStart
    const segment = this.#segments.find(({ baseOffset }) => baseOffset === saved.segment)
    if (segment === undefined) {
      if (saved.position === 0) return atStart
      throw this.#lost(`${this.#request.folder}/${segmentFileName(saved.segment)}.log is missing`)
    }
    if (segment.fileBytes < saved.position) {
      throw this.#lost(`${segment.path} has ${segment.fileBytes} bytes, but ${saved.position} were written`)
    }
    return { offset: saved.offset, segment, position: saved.position }
  }

  /**
   * Makes the system write again what follows a place: if a sync had failed before the crash, the system may count as
   * written what it has dropped, and the next sync would say that all is well.
   */
  #rewriteFrom(durable: LogPosition): void {
    const { fileSystem, folder } = this.#request
    for (const segment of this.#segments.slice(this.#segments.indexOf(durable.segment))) {
      const stem = segmentFileName(segment.baseOffset)
      for (const name of fileSystem.list(folder).filter((name) => name.startsWith(stem))) {
        const isDurable = name.endsWith('.log') && segment === durable.segment
        rewrite(fileSystem, `${folder}/${name}`, isDurable ? durable.position : 0)
      }
    }
  }

  /** Loads the newest whole snapshot up to an offset. */
  #loadProducers(highestOffset: number): void {
    const { fileSystem, folder } = this.#request
    this.#producersOffset = this.#segments[0]!.baseOffset
    for (const offset of this.#offsetsOf('.snapshot').reverse()) {
      if (offset > highestOffset || offset < this.#producersOffset) continue
      const entries = decodeProducerSnapshot(fileSystem.readFile(`${folder}/${segmentFileName(offset)}.snapshot`))
      if (entries === undefined) continue
      for (const entry of entries) this.#producers.load(entry)
      this.#producersOffset = offset
      return
    }
  }

  /** `indexed` says up to where indexes are believed; undefined: all of them. */
  #openSegments(trusted: LogPosition, indexed: SavedCheckpoint['indexed'] | undefined): void {
    const firstUnsure = this.#segments.indexOf(trusted.segment)
    for (let index = 0; index < this.#segments.length; index++) {
      const segment = this.#segments[index]!
      const isActive = index === this.#segments.length - 1
      if (index < firstUnsure && !isActive && segment.openSealed()) {
        if (this.#segments[index + 1]!.baseOffset > this.#producersOffset) this.#readProducers(segment)
        continue
      }
      const trustedBytes = index < firstUnsure ? segment.fileBytes : index === firstUnsure ? trusted.position : 0
      const indexedBytes =
        indexed === undefined ? segment.fileBytes : segment.baseOffset === indexed.segment ? indexed.position : 0
      const start = segment.loadIndexes(
        Math.min(trustedBytes, indexedBytes, segment.positionBefore(this.#producersOffset)),
      )
      const trustedOffset = index === firstUnsure ? trusted.offset : undefined
      const end = this.#readSegment(segment, start, trustedBytes, trustedOffset)
      const next = this.#segments[index + 1]
      // What is not trusted yet is not compacted either: a gap before the next segment is a loss, but in a folder of Kafka's.
      const isUnsure = index >= firstUnsure && !this.#checkpoint.isNew
      const isFollowed = next?.baseOffset === this.#nextOffset
      if (end < segment.fileBytes && end >= trustedBytes && isFollowed) {
        // No batch is lacking: of the file's length itself only some has survived.
        segment.truncateFile(end)
      } else if (end < segment.fileBytes || (next !== undefined && isUnsure && !isFollowed)) {
        this.#cut(index, end, trustedBytes)
      }
      // Newer snapshots than the one read here stand for the transaction index as it was: it has to be so again.
      segment.transactionIndex.flush()
      if (index < this.#segments.length - 1) segment.seal()
    }
    for (const offset of this.#offsetsOf('.snapshot')) {
      if (offset <= this.#nextOffset) continue
      this.#request.fileSystem.remove(`${this.#request.folder}/${segmentFileName(offset)}.snapshot`)
    }
  }

  /** Shows the batches of a sealed segment to the producers' state; its indexes are whole. */
  #readProducers(segment: LogSegment): void {
    const start = segment.positionNear(this.#producersOffset)
    const end = segment.walk(start, segment.fileBytes, (reader) => {
      if (reader.baseOffset >= this.#producersOffset) this.#producers.apply(reader)
      return true
    })
    if (end < segment.fileBytes) throw this.#damaged(segment, end)
  }

  /**
   * Reads a segment's batches from the place that its indexes vouch for. Returns the end of the last whole batch.
   * `trustedOffset` is the one that the trusted bytes lead up to, if they are not the whole segment.
   */
  #readSegment(segment: LogSegment, start: number, trustedBytes: number, trustedOffset: number | undefined): number {
    this.#nextOffset = start > 0 && start === trustedBytes ? (trustedOffset ?? segment.baseOffset) : segment.baseOffset
    segment.transactionIndex.keepBetween(segment.baseOffset, this.#producersOffset)
    const check = (position: number): void => {
      const isReached = position === trustedBytes && trustedBytes > 0 && trustedOffset !== undefined
      if (isReached && this.#nextOffset !== trustedOffset) throw this.#damaged(segment, position)
    }
    const end = segment.walk(start, segment.fileBytes, (reader, position) => {
      check(position)
      if (reader.baseOffset < this.#nextOffset || reader.lastOffsetDelta < 0) return false
      if (position >= trustedBytes && !reader.isCrcValid) return false
      this.#takeBatch(segment, reader)
      return true
    })
    check(end)
    return end
  }

  #takeBatch(segment: LogSegment, reader: RecordBatchReader): void {
    const { lastOffset, maxTimestamp, sizeInBytes } = reader
    segment.addToIndexes({ lastOffset, maxTimestamp, sizeInBytes }, this.#request.config.indexIntervalBytes)
    this.#nextOffset = lastOffset + 1
    this.#lastEpoch = reader.leaderEpoch
    this.#epochs.note(reader.leaderEpoch, reader.baseOffset)
    if (reader.baseOffset < this.#producersOffset) return
    const aborted = this.#producers.apply(reader)
    if (aborted !== undefined) segment.transactionIndex.append(aborted)
  }

  /** Cuts what a crash has torn: the rest of this segment and all later ones. */
  #cut(index: number, end: number, trustedBytes: number): void {
    const segment = this.#segments[index]!
    if (end < trustedBytes) throw this.#damaged(segment, end)
    const later = this.#segments.splice(index + 1)
    const bytes = later.reduce((sum, { fileBytes }) => sum + fileBytes, segment.fileBytes - end)
    for (const lost of later) lost.remove()
    segment.truncateFile(end)
    // What is cut must not come back behind what is appended now.
    this.#request.fileSystem.settle(segment.path)
    this.#request.onWarning(
      `Recovery of partition ${this.#request.name} cut ${bytes} bytes that were not written whole, from byte ${end} of ${segment.path}.`,
    )
  }

  /** All records were deleted, and those after them lost: their offsets are not given out again. */
  #restartAt(offset: number): LogPosition {
    const { fileSystem, folder } = this.#request
    for (const segment of this.#segments.splice(0)) segment.remove()
    const segment = new LogSegment(fileSystem, folder, offset)
    this.#segments.push(segment)
    this.#producers.clear()
    this.#nextOffset = offset
    return { offset, segment, position: 0 }
  }

  #damaged(segment: LogSegment, position: number): EngineError {
    return new EngineError(
      'CORRUPT_MESSAGE',
      `Partition ${this.#request.name} is damaged in ${segment.path} at byte ${position}, offset ${this.#nextOffset}. Nothing was changed, and nothing can be appended. Restore the file from a copy, or delete the topic.`,
    )
  }

  #lost(what: string): EngineError {
    return new EngineError(
      'CORRUPT_MESSAGE',
      `Partition ${this.#request.name} has lost records: ${what}. Nothing was changed, and nothing can be appended. Restore the file from a copy, or delete the topic.`,
    )
  }
}

function rewrite(fileSystem: FileSystem, path: string, from: number): void {
  const file = fileSystem.open(path)
  const piece = Buffer.allocUnsafe(1024 * 1024)
  for (let position = from, size = file.size(); position < size; ) {
    const length = file.read(piece, 0, piece.length, position)
    file.write(piece.subarray(0, length), position)
    position += length
  }
  file.close()
}
