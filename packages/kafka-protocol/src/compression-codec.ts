/** One codec: whole blocks, synchronous. */
export interface CompressionCodec {
  compress(bytes: Uint8Array): Uint8Array
  /** @throws Error when the bytes are not what the codec writes */
  decompress(bytes: Uint8Array): Uint8Array
}

/** A block that claims to be larger once decompressed is refused. */
export const maxDecompressedBytes = 512 * 1024 * 1024
