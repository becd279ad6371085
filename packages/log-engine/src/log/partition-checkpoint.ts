import { crc32c } from '@millrace/kafka-protocol'
import type { FileSystem, LogFile } from '../file-system.ts'

const slotBytes = 128
const usedBytes = 103

/** A place between two batches. */
export interface SavedPosition {
  readonly offset: number
  /** Base offset of the segment that holds it. */
  readonly segment: number
  /** Bytes from the start of the segment. */
  readonly position: number
}

/** What a partition remembers between runs beside its records. */
export interface CheckpointState {
  /** Records below were deleted. */
  readonly logStartOffset: number
  /** Compaction has seen all below. */
  readonly cleanedOffset: number
  /** All below survives a loss of power. */
  readonly durable: SavedPosition
  /** All below is with the operating system, and whole for as long as the machine runs. */
  readonly written: SavedPosition
  /** The indexes of all below survive a loss of power. */
  readonly indexed: Omit<SavedPosition, 'offset'>
  /** The partition was closed, and nothing was appended since. */
  readonly isClean: boolean
  /** A sync was begun, and nothing is known of its outcome. */
  readonly isSyncing: boolean
}

/** What was saved, and whether the machine has run since. */
export interface SavedCheckpoint extends CheckpointState {
  readonly isOfThisBoot: boolean
}

/**
 * `partition.checkpoint`: two slots written in turn, so that one is whole whatever happens to the other.
 *
 *   slot, 128 bytes: | CRC-32C of the rest uint32 | version int16 1 | sequence int64 | flags int8: bit 0 clean, 1 syncing |
 *                    | log start offset int64 | cleaned offset int64 | durable: offset int64, segment int64, position int64 |
 *                    | written: offset int64, segment int64, position int64 | boot id uint64 |
 *                    | indexed: segment int64, position int64 | 0 … |
 */
export class PartitionCheckpoint {
  readonly #file: LogFile
  readonly #bootId: bigint
  #sequence = 0

  constructor(fileSystem: FileSystem, folder: string) {
    this.#file = fileSystem.open(`${folder}/partition.checkpoint`)
    this.#bootId = fileSystem.bootId
  }

  /** The newer whole slot; undefined when there is none. */
  read(): SavedCheckpoint | undefined {
    const bytes = Buffer.alloc(2 * slotBytes)
    this.#file.read(bytes, 0, bytes.length, 0)
    let newest: SavedCheckpoint | undefined
    for (const at of [0, slotBytes]) {
      const sequence = readInt64(bytes, at + 6)
      const isWhole =
        bytes.readUInt32BE(at) === crc32c(bytes, at + 4, at + usedBytes) && bytes.readInt16BE(at + 4) === 1
      if (!isWhole || sequence <= this.#sequence) continue
      this.#sequence = sequence
      const bootId = bytes.readBigUInt64BE(at + 79)
      newest = {
        isClean: (bytes[at + 14]! & 1) !== 0,
        isSyncing: (bytes[at + 14]! & 2) !== 0,
        logStartOffset: readInt64(bytes, at + 15),
        cleanedOffset: readInt64(bytes, at + 23),
        durable: readPosition(bytes, at + 31),
        written: readPosition(bytes, at + 55),
        indexed: { segment: readInt64(bytes, at + 87), position: readInt64(bytes, at + 95) },
        isOfThisBoot: bootId !== 0n && bootId === this.#bootId,
      }
    }
    return newest
  }

  write(state: CheckpointState): void {
    const bytes = Buffer.alloc(slotBytes)
    bytes.writeInt16BE(1, 4)
    bytes.writeBigInt64BE(BigInt(this.#sequence + 1), 6)
    bytes[14] = (state.isClean ? 1 : 0) | (state.isSyncing ? 2 : 0)
    bytes.writeBigInt64BE(BigInt(state.logStartOffset), 15)
    bytes.writeBigInt64BE(BigInt(state.cleanedOffset), 23)
    writePosition(bytes, 31, state.durable)
    writePosition(bytes, 55, state.written)
    bytes.writeBigUInt64BE(this.#bootId, 79)
    bytes.writeBigInt64BE(BigInt(state.indexed.segment), 87)
    bytes.writeBigInt64BE(BigInt(state.indexed.position), 95)
    bytes.writeUInt32BE(crc32c(bytes, 4, usedBytes), 0)
    this.#file.write(bytes, ((this.#sequence + 1) % 2) * slotBytes)
    this.#sequence++
  }

  sync(): Promise<void> {
    return this.#file.sync()
  }

  close(): void {
    this.#file.close()
  }
}

function readInt64(bytes: Buffer, at: number): number {
  return Number(bytes.readBigInt64BE(at))
}

function readPosition(bytes: Buffer, at: number): SavedPosition {
  return { offset: readInt64(bytes, at), segment: readInt64(bytes, at + 8), position: readInt64(bytes, at + 16) }
}

function writePosition(bytes: Buffer, at: number, { offset, segment, position }: SavedPosition): void {
  bytes.writeBigInt64BE(BigInt(offset), at)
  bytes.writeBigInt64BE(BigInt(segment), at + 8)
  bytes.writeBigInt64BE(BigInt(position), at + 16)
}
