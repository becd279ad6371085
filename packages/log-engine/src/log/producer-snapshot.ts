import { crc32c } from '@millrace/kafka-protocol'
import type { ProducerEntry } from './producer-entry.ts'

const headerBytes = 6
const countBytes = 4
const entryBytes = 46

/**
 * The producers of a partition as of an offset, in `<offset>.snapshot`, so that recovery reads only what follows.
 *
 *   | version int16 1 | CRC-32C of the rest uint32 | count int32 | entries … |
 *   entry: | producer id int64 | epoch int16 | last sequence int32 | last offset int64 | offset delta int32 |
 *          | timestamp int64 | coordinator epoch int32 | first offset of the open transaction int64, or -1 |
 *
 * As in Kafka only the last batch of each producer is kept.
 * @see org.apache.kafka.storage.internals.log.ProducerStateManager (same bytes)
 */
export function encodeProducerSnapshot(entries: Iterable<ProducerEntry>): Uint8Array {
  const list = [...entries]
  const bytes = Buffer.alloc(headerBytes + countBytes + list.length * entryBytes)
  bytes.writeInt16BE(1, 0)
  bytes.writeInt32BE(list.length, headerBytes)
  for (const [number, entry] of list.entries()) {
    const at = headerBytes + countBytes + number * entryBytes
    const last = entry.batches.at(-1)
    bytes.writeBigInt64BE(entry.producerId, at)
    bytes.writeInt16BE(entry.producerEpoch, at + 8)
    bytes.writeInt32BE(last?.lastSequence ?? -1, at + 10)
    bytes.writeBigInt64BE(BigInt(last?.lastOffset ?? -1), at + 14)
    bytes.writeInt32BE(last === undefined ? 0 : last.lastOffset - last.baseOffset, at + 22)
    bytes.writeBigInt64BE(BigInt(entry.lastTimestamp), at + 26)
    bytes.writeInt32BE(entry.coordinatorEpoch, at + 34)
    bytes.writeBigInt64BE(BigInt(entry.transactionFirstOffset ?? -1), at + 38)
  }
  bytes.writeUInt32BE(crc32c(bytes, headerBytes), 2)
  return bytes
}

/** The entries of a snapshot, those with open transactions by first offset; undefined when the bytes are damaged. */
export function decodeProducerSnapshot(bytes: Uint8Array): ProducerEntry[] | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  if (buffer.length < headerBytes + countBytes || buffer.readInt16BE(0) !== 1) return undefined
  if (buffer.readUInt32BE(2) !== crc32c(buffer, headerBytes)) return undefined
  const count = buffer.readInt32BE(headerBytes)
  if (buffer.length !== headerBytes + countBytes + count * entryBytes) return undefined
  const entries = Array.from({ length: count }, (_, number) =>
    decodeEntry(buffer, headerBytes + countBytes + number * entryBytes),
  )
  return entries.sort((a, b) => (a.transactionFirstOffset ?? 0) - (b.transactionFirstOffset ?? 0))
}

function decodeEntry(bytes: Buffer, at: number): ProducerEntry {
  const lastSequence = bytes.readInt32BE(at + 10)
  const lastOffset = Number(bytes.readBigInt64BE(at + 14))
  const offsetDelta = bytes.readInt32BE(at + 22)
  const timestamp = Number(bytes.readBigInt64BE(at + 26))
  const firstOffset = Number(bytes.readBigInt64BE(at + 38))
  const baseSequence = (lastSequence - offsetDelta) & 0x7fffffff
  return {
    producerId: bytes.readBigInt64BE(at),
    producerEpoch: bytes.readInt16BE(at + 8),
    batches:
      lastSequence < 0
        ? []
        : [{ baseSequence, lastSequence, baseOffset: lastOffset - offsetDelta, lastOffset, timestamp }],
    lastTimestamp: timestamp,
    coordinatorEpoch: bytes.readInt32BE(at + 34),
    transactionFirstOffset: firstOffset < 0 ? undefined : firstOffset,
  }
}
