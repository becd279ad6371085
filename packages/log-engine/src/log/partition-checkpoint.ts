import { crc32c } from '@millrace/kafka-protocol'
import type { FileSystem, LogFile } from '../file-system.ts'

const slotBytes = 128
const usedBytes = 111

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
 * `partition.checkpoint`: three slots. A write goes to one that holds neither the newest content nor the newest that is sure
 * to survive a loss of power, so that both are there whatever happens to the write.
 *
 *   slot, 128 bytes: | CRC-32C of the rest uint32 | version int16 2 | sequence int64 | flags int8: bit 0 clean, 1 syncing |
 *                    | log start offset int64 | cleaned offset int64 | durable: offset int64, segment int64, position int64 |
 *                    | written: offset int64, segment int64, position int64 | boot id uint64 |
 *                    | indexed: segment int64, position int64 | sequence of the newest durable slot int64 | 0 … |
 */
export class PartitionCheckpoint {
  readonly #file: LogFile
  readonly #bootId: bigint
  /** By slot; 0 when it holds nothing whole. */
  readonly #sequences = [0, 0, 0]
  #newest = 0
  #durable = 0
  /** There was no such file: nobody who writes checkpoints has made this folder. */
  readonly isNew: boolean

  constructor(fileSystem: FileSystem, folder: string) {
    const path = `${folder}/partition.checkpoint`
    this.isNew = !fileSystem.exists(path)
    this.#file = fileSystem.open(path)
    this.#bootId = fileSystem.bootId
  }

  /** The newest whole slot; undefined when there is none. */
  read(): SavedCheckpoint | undefined {
    const bytes = Buffer.alloc(slotBytes * this.#sequences.length)
    this.#file.read(bytes, 0, bytes.length, 0)
    let newest: SavedCheckpoint | undefined
    for (let slot = 0; slot < this.#sequences.length; slot++) {
      const at = slot * slotBytes
      const isWhole =
        bytes.readUInt32BE(at) === crc32c(bytes, at + 4, at + usedBytes) && bytes.readInt16BE(at + 4) === 2
      if (!isWhole) continue
      const sequence = readInt64(bytes, at + 6)
      this.#sequences[slot] = sequence
      if (sequence <= this.#newest) continue
      this.#newest = sequence
      this.#durable = readInt64(bytes, at + 103)
      newest = this.#decode(bytes, at)
    }
    return newest
  }

  write(state: CheckpointState): void {
    const bytes = Buffer.alloc(slotBytes)
    const sequence = this.#newest + 1
    bytes.writeInt16BE(2, 4)
    bytes.writeBigInt64BE(BigInt(sequence), 6)
    bytes[14] = (state.isClean ? 1 : 0) | (state.isSyncing ? 2 : 0)
    bytes.writeBigInt64BE(BigInt(state.logStartOffset), 15)
    bytes.writeBigInt64BE(BigInt(state.cleanedOffset), 23)
    writePosition(bytes, 31, state.durable)
    writePosition(bytes, 55, state.written)
    bytes.writeBigUInt64BE(this.#bootId, 79)
    bytes.writeBigInt64BE(BigInt(state.indexed.segment), 87)
    bytes.writeBigInt64BE(BigInt(state.indexed.position), 95)
    bytes.writeBigInt64BE(BigInt(this.#durable), 103)
    bytes.writeUInt32BE(crc32c(bytes, 4, usedBytes), 0)
    const slot = this.#sequences.findIndex((held) => held === 0 || (held !== this.#newest && held !== this.#durable))
    this.#sequences[slot] = 0
    this.#file.write(bytes, slot * slotBytes)
    this.#sequences[slot] = sequence
    this.#newest = sequence
  }

  /** Settles when what was written before the call survives a loss of power. */
  async sync(): Promise<void> {
    const sequence = this.#newest
    await this.#file.sync()
    // Meanwhile it may have been written over.
    if (sequence > this.#durable && this.#sequences.includes(sequence)) this.#durable = sequence
  }

  close(): void {
    this.#file.close()
  }

  #decode(bytes: Buffer, at: number): SavedCheckpoint {
    const bootId = bytes.readBigUInt64BE(at + 79)
    return {
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
