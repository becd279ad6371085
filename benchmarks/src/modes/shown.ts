const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** How checksum lines show bytes of an output topic. Takes no Buffer over them: that would move small arrays out of V8's heap. */
export function shown(value: Uint8Array | null, as: 'text' | 'int64'): string | null {
  if (value === null) return null
  if (as === 'text') return decoder.decode(value)
  const high = (value[0]! << 24) | (value[1]! << 16) | (value[2]! << 8) | value[3]!
  const low = (value[4]! << 24) | (value[5]! << 16) | (value[6]! << 8) | value[7]!
  // The workloads' numbers are safe integers.
  return String(high * 0x1_0000_0000 + (low >>> 0))
}
