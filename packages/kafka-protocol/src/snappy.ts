import type { CompressionCodec } from './compression-codec.ts'
import { optionalPackage } from './optional-package.ts'

interface SnappyPackage {
  compressSync(bytes: Uint8Array): Uint8Array
  uncompressSync(bytes: Uint8Array): Uint8Array
}

/** `82 S N A P P Y 0`, then the version and the lowest compatible version, int32 each. */
const header = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1])
const blockBytes = 32 * 1024

let codec: CompressionCodec | undefined

/**
 * snappy in the frame of Java's `SnappyOutputStream`: `| header, 16 bytes | (length int32 | block)… |`, 32 KiB a block. Blocks
 * without the frame, which other clients write, are read too.
 */
export function snappyCodec(): CompressionCodec | undefined {
  if (codec !== undefined) return codec
  const snappy = optionalPackage<SnappyPackage>('snappy')
  if (snappy === undefined) return undefined
  codec = { compress: (bytes) => compress(snappy, bytes), decompress: (bytes) => decompress(snappy, bytes) }
  return codec
}

function compress(snappy: SnappyPackage, bytes: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [header]
  for (let at = 0; at < bytes.length; at += blockBytes) {
    const block = snappy.compressSync(bytes.subarray(at, at + blockBytes))
    const length = Buffer.alloc(4)
    length.writeInt32BE(block.length)
    parts.push(length, block)
  }
  return Buffer.concat(parts)
}

function decompress(snappy: SnappyPackage, bytes: Uint8Array): Uint8Array {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  if (!buffer.subarray(0, 8).equals(header.subarray(0, 8))) return snappy.uncompressSync(buffer)
  const parts: Uint8Array[] = []
  for (let at = header.length; at < buffer.length; ) {
    const length = buffer.readInt32BE(at)
    if (length < 0 || at + 4 + length > buffer.length) throw new Error(`a snappy block claims ${length} bytes`)
    parts.push(snappy.uncompressSync(buffer.subarray(at + 4, at + 4 + length)))
    at += 4 + length
  }
  return Buffer.concat(parts)
}
