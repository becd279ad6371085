/** How checksum lines show bytes of an output topic. */
export function shown(value: Uint8Array | null, as: 'text' | 'int64'): string | null {
  if (value === null) return null
  const buffer = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  return as === 'text' ? buffer.toString() : String(buffer.readBigInt64BE())
}
