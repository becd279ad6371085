import { gunzipSync, gzipSync } from 'node:zlib'
import { type CompressionCodec, maxDecompressedBytes } from './compression-codec.ts'
import { lz4Codec } from './lz4.ts'
import { ProtocolError } from './protocol-error.ts'
import { snappyCodec } from './snappy.ts'
import { prepareZstd, zstdCodec } from './zstd.ts'

/** How the records of a batch are compressed, by Kafka's name. */
export type CompressionType = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd'

/** The names by codec id (attributes bits 0–2). */
export const compressionTypes: readonly CompressionType[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd']

const gzip: CompressionCodec = {
  compress: (bytes) => gzipSync(bytes),
  decompress: (bytes) => gunzipSync(bytes, { maxOutputLength: maxDecompressedBytes }),
}

const codecs: Readonly<Record<Exclude<CompressionType, 'none'>, () => CompressionCodec | undefined>> = {
  gzip: () => gzip,
  snappy: snappyCodec,
  lz4: lz4Codec,
  zstd: zstdCodec,
}

/** What a codec needs that is not part of Node. */
const packages = { gzip: '', snappy: 'snappy', lz4: 'lz4-napi', zstd: '@bokuweb/zstd-wasm' }

/**
 * The codec of a type. gzip comes with Node, snappy and lz4 with packages that npm installs where they run; zstd comes with
 * Node from 22.15 on, before that with a package that `prepareCompression` has to load first.
 * @throws ProtocolError UNSUPPORTED_COMPRESSION_TYPE naming the package that is missing
 */
export function compressionCodec(type: Exclude<CompressionType, 'none'>): CompressionCodec {
  const codec = codecs[type]()
  if (codec !== undefined) return codec
  throw new ProtocolError(
    'UNSUPPORTED_COMPRESSION_TYPE',
    `Compression '${type}' needs the package ${packages[type]}: install it with 'npm install ${packages[type]}'${type === 'zstd' ? ' and await prepareCompression() before use, or run Node 22.15 or later' : ''}.`,
  )
}

/** Loads the codecs that cannot be loaded when they are first used. What is not installed stays unsupported. */
export async function prepareCompression(): Promise<void> {
  await prepareZstd()
}
