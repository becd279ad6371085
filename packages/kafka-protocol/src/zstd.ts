import * as zlib from 'node:zlib'
import { type CompressionCodec, maxDecompressedBytes } from './compression-codec.ts'
import { optionalPackage } from './optional-package.ts'

/** The part of `node:zlib` that Node has from 22.15 on. */
interface ZstdOfNode {
  zstdCompressSync?(bytes: Uint8Array): Uint8Array
  zstdDecompressSync?(bytes: Uint8Array, options: { readonly maxOutputLength: number }): Uint8Array
}

interface ZstdPackage {
  init(): Promise<void>
  compress(bytes: Uint8Array, level?: number): Uint8Array
  decompress(bytes: Uint8Array, options: { readonly defaultHeapSize: number }): Uint8Array
}

/** Kafka's default level. */
const level = 3
/** zstd's error code for a target that is too small. */
const targetTooSmall = '-70'

let codec: CompressionCodec | undefined = zstdOfNode(zlib as ZstdOfNode)
let preparing: Promise<void> | undefined

/** undefined until `prepareZstd` has settled, on a Node without zstd. */
export function zstdCodec(): CompressionCodec | undefined {
  return codec
}

/** Loads the package that stands in for Node's own zstd, where that is missing. */
export function prepareZstd(): Promise<void> {
  preparing ??= codec === undefined ? load() : Promise.resolve()
  return preparing
}

async function load(): Promise<void> {
  const zstd = optionalPackage<ZstdPackage>('@bokuweb/zstd-wasm')
  if (zstd === undefined) return
  await zstd.init()
  codec = { compress: (bytes) => zstd.compress(bytes, level), decompress: (bytes) => decompress(zstd, bytes) }
}

function zstdOfNode({ zstdCompressSync, zstdDecompressSync }: ZstdOfNode): CompressionCodec | undefined {
  if (zstdCompressSync === undefined || zstdDecompressSync === undefined) return undefined
  return {
    compress: (bytes) => zstdCompressSync(bytes),
    decompress: (bytes) => zstdDecompressSync(bytes, { maxOutputLength: maxDecompressedBytes }),
  }
}

/** Frames that were written as a stream do not say how large they are: the target grows until they fit. */
function decompress(zstd: ZstdPackage, bytes: Uint8Array): Uint8Array {
  for (let size = Math.max(bytes.length * 8, 64 * 1024); ; size *= 4) {
    try {
      return zstd.decompress(bytes, { defaultHeapSize: Math.min(size, maxDecompressedBytes) })
    } catch (error) {
      if (size >= maxDecompressedBytes || !String(error).includes(targetTooSmall)) throw error
    }
  }
}
