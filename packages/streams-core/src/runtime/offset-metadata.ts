/** What is committed beside an input offset, so that a restarted task goes on with the same times. */
export interface OffsetMetadata {
  /** Unix ms; -1: none. */
  readonly partitionTime: number
  /** Numbers that operators keep with the offsets (KIP-825). */
  readonly processorMetadata: ReadonlyMap<string, number>
}

const version = 2

/**
 * Base64 of
 *
 *   | 2 (1 byte) | partition time, int64 | [ count, int32 | ( key length, int32 | key, UTF-8 | value, int64 ) … ] |
 *
 * all big-endian; the part in brackets is absent when there are no numbers.
 * @see org.apache.kafka.streams.processor.internals.TopicPartitionMetadata (same bytes)
 */
export function encodeOffsetMetadata({ partitionTime, processorMetadata }: OffsetMetadata): string {
  const parts: Buffer[] = [Buffer.alloc(9)]
  parts[0]!.writeUInt8(version, 0)
  parts[0]!.writeBigInt64BE(BigInt(partitionTime), 1)
  if (processorMetadata.size > 0) {
    const count = Buffer.alloc(4)
    count.writeInt32BE(processorMetadata.size)
    parts.push(count)
    for (const [key, value] of processorMetadata) {
      const keyBytes = Buffer.from(key, 'utf8')
      const entry = Buffer.alloc(4 + keyBytes.length + 8)
      entry.writeInt32BE(keyBytes.length, 0)
      keyBytes.copy(entry, 4)
      entry.writeBigInt64BE(BigInt(value), 4 + keyBytes.length)
      parts.push(entry)
    }
  }
  return Buffer.concat(parts).toString('base64')
}

/** The inverse; what is empty or unreadable gives no times. */
export function decodeOffsetMetadata(text: string): OffsetMetadata {
  const bytes = Buffer.from(text, 'base64')
  const processorMetadata = new Map<string, number>()
  if (bytes.length < 9 || bytes[0]! > version) return { partitionTime: -1, processorMetadata }
  const partitionTime = Number(bytes.readBigInt64BE(1))
  if (bytes.length < 13) return { partitionTime, processorMetadata }
  try {
    let at = 13
    for (let left = bytes.readInt32BE(9); left > 0; left -= 1) {
      const keyLength = bytes.readInt32BE(at)
      const key = bytes.toString('utf8', at + 4, at + 4 + keyLength)
      processorMetadata.set(key, Number(bytes.readBigInt64BE(at + 4 + keyLength)))
      at += 12 + keyLength
    }
  } catch (error) {
    if (error instanceof RangeError) return { partitionTime, processorMetadata: new Map() }
    throw error
  }
  return { partitionTime, processorMetadata }
}
