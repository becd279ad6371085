import { crc32c } from '@millrace/kafka-protocol'
import type { FileSystem, LogFile } from '../file-system.ts'

const slotBytes = 64
const usedBytes = 55

/** What a partition remembers between runs beside its records. */
export interface CheckpointState {
  /** Records below were deleted. */
  readonly logStartOffset: number
  /** All below is durable; recovery looks for torn batches only from here. */
  readonly recoveryOffset: number
  /** Base offset of the segment that holds the recovery offset, and the position in it. */
  readonly recoverySegment: number
  readonly recoveryPosition: number
  /** Compaction has seen all below. */
  readonly cleanedOffset: number
  /** The partition was closed, and nothing was appended since. */
  readonly isClean: boolean
}

/**
 * `partition.checkpoint`: two slots written in turn, so that one is whole whatever happens to the other.
 *
 *   slot, 64 bytes: | CRC-32C of the rest uint32 | version int16 1 | sequence int64 | log start offset int64 |
 *                   | recovery offset int64 | recovery segment int64 | recovery position int64 | cleaned offset int64 |
 *                   | clean int8 | 0 … |
 */
export class PartitionCheckpoint {
  readonly #file: LogFile
  #sequence = 0

  constructor(fileSystem: FileSystem, folder: string) {
    this.#file = fileSystem.open(`${folder}/partition.checkpoint`)
  }

  /** The newer whole slot; undefined when there is none. */
  read(): CheckpointState | undefined {
    const bytes = Buffer.alloc(2 * slotBytes)
    this.#file.read(bytes, 0, bytes.length, 0)
    let newest: CheckpointState | undefined
    for (const at of [0, slotBytes]) {
      const sequence = Number(bytes.readBigInt64BE(at + 6))
      const isWhole =
        bytes.readUInt32BE(at) === crc32c(bytes, at + 4, at + usedBytes) && bytes.readInt16BE(at + 4) === 1
      if (!isWhole || sequence <= this.#sequence) continue
      this.#sequence = sequence
      newest = {
        logStartOffset: Number(bytes.readBigInt64BE(at + 14)),
        recoveryOffset: Number(bytes.readBigInt64BE(at + 22)),
        recoverySegment: Number(bytes.readBigInt64BE(at + 30)),
        recoveryPosition: Number(bytes.readBigInt64BE(at + 38)),
        cleanedOffset: Number(bytes.readBigInt64BE(at + 46)),
        isClean: bytes[at + 54] === 1,
      }
    }
    return newest
  }

  write(state: CheckpointState): void {
    this.#sequence++
    const bytes = Buffer.alloc(slotBytes)
    bytes.writeInt16BE(1, 4)
    bytes.writeBigInt64BE(BigInt(this.#sequence), 6)
    bytes.writeBigInt64BE(BigInt(state.logStartOffset), 14)
    bytes.writeBigInt64BE(BigInt(state.recoveryOffset), 22)
    bytes.writeBigInt64BE(BigInt(state.recoverySegment), 30)
    bytes.writeBigInt64BE(BigInt(state.recoveryPosition), 38)
    bytes.writeBigInt64BE(BigInt(state.cleanedOffset), 46)
    bytes[54] = state.isClean ? 1 : 0
    bytes.writeUInt32BE(crc32c(bytes, 4, usedBytes), 0)
    this.#file.write(bytes, (this.#sequence % 2) * slotBytes)
  }

  sync(): Promise<void> {
    return this.#file.sync()
  }

  close(): void {
    this.#file.close()
  }
}
