import { crc32c } from '@millrace/kafka-protocol'
import type { FileSystem } from './file-system.ts'

/** The layout of a data directory that this version writes. */
export const formatVersion = 2

/**
 * What makes of a data directory of one format that of the next. Each can be repeated, after a crash within it too, and
 * leaves what it changes readable for the version before, which may open the directory until its marker names the next.
 */
export interface UpgradeStep {
  readonly from: number
  /** Settles when the change is durable. */
  readonly run: (fileSystem: FileSystem, directory: string) => Promise<void>
}

/** In order, without gap, up to the present format. */
export const upgradeSteps: readonly UpgradeStep[] = [{ from: 1, run: addThirdSlots }]

const slotBytes = 128

/**
 * Format 2 has checkpoints of three slots instead of two, which say more: where indexes are durable, and which slot is. What
 * the newest slot of version 1 says becomes the third slot.
 *
 *   slot of version 1: | CRC-32C of the rest uint32 | version int16 1 | sequence int64 | what version 2 has up to byte 87 |
 */
async function addThirdSlots(fileSystem: FileSystem, directory: string): Promise<void> {
  for (const name of fileSystem.list(directory)) {
    const path = `${directory}/${name}/partition.checkpoint`
    if (!/-\d+$/.test(name) || !fileSystem.exists(path)) continue
    const newest = newestOfVersion1(fileSystem.readFile(path))
    if (newest === undefined) continue
    const slot = Buffer.alloc(slotBytes)
    newest.copy(slot, 0, 0, 87)
    const sequence = newest.readBigInt64BE(6) + 1n
    slot.writeInt16BE(2, 4)
    slot.writeBigInt64BE(sequence, 6)
    // No index is known to be durable.
    slot.writeBigInt64BE(-1n, 87)
    slot.writeBigInt64BE(sequence, 103)
    slot.writeUInt32BE(crc32c(slot, 4, 111), 0)
    const file = fileSystem.open(path)
    try {
      file.write(slot, 2 * slotBytes)
      await file.sync()
    } finally {
      file.close()
    }
  }
}

function newestOfVersion1(bytes: Uint8Array): Buffer | undefined {
  let newest: Buffer | undefined
  for (const at of [0, slotBytes]) {
    const slot = Buffer.from(bytes.subarray(at, at + slotBytes))
    const isWhole =
      slot.length === slotBytes && slot.readInt16BE(4) === 1 && slot.readUInt32BE(0) === crc32c(slot, 4, 87)
    if (isWhole && (newest === undefined || slot.readBigInt64BE(6) > newest.readBigInt64BE(6))) newest = slot
  }
  return newest
}
