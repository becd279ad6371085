import { gunzipSync, gzipSync } from 'node:zlib'
import { ProtocolError } from './protocol-error.ts'

/** How the records of a batch are compressed, by Kafka's name. */
export type CompressionType = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd'

/** The names by codec id (attributes bits 0–2). */
export const compressionTypes: readonly CompressionType[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd']

/** One codec: whole blocks, synchronous. */
export interface CompressionCodec {
  compress(bytes: Uint8Array): Uint8Array
  /** @throws Error when the bytes are not what the codec writes */
  decompress(bytes: Uint8Array): Uint8Array
}

const gzip: CompressionCodec = { compress: (bytes) => gzipSync(bytes), decompress: (bytes) => gunzipSync(bytes) }

/** The codec of a type. @throws ProtocolError UNSUPPORTED_COMPRESSION_TYPE */
export function compressionCodec(type: Exclude<CompressionType, 'none'>): CompressionCodec {
  if (type === 'gzip') return gzip
  throw new ProtocolError(
    'UNSUPPORTED_COMPRESSION_TYPE',
    `Compression '${type}' is not supported. Use 'none' or 'gzip'.`,
  )
}
