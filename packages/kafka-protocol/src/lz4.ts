import type { CompressionCodec } from './compression-codec.ts'
import { optionalPackage } from './optional-package.ts'

interface Lz4Package {
  compressFrameSync(bytes: Uint8Array): Uint8Array
  decompressFrameSync(bytes: Uint8Array): Uint8Array
}

let codec: CompressionCodec | undefined

/** lz4 in its frame format with independent blocks, which is what Java reads. */
export function lz4Codec(): CompressionCodec | undefined {
  if (codec !== undefined) return codec
  const lz4 = optionalPackage<Lz4Package>('lz4-napi')
  if (lz4 === undefined) return undefined
  codec = {
    compress: (bytes) => lz4.compressFrameSync(bytes),
    decompress: (bytes) => lz4.decompressFrameSync(bytes),
  }
  return codec
}
