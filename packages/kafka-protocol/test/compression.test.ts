import { beforeAll, describe, expect, it } from 'vitest'
import { compressionCodec, prepareCompression } from '../src/compression.ts'

beforeAll(prepareCompression)

const text = Buffer.from(Array.from({ length: 20_000 }, (_, i) => `line ${i % 977} of ${i}\n`).join(''))

describe.each(['gzip', 'snappy', 'lz4', 'zstd'] as const)('%s', (type) => {
  it.each([0, 1, 1000, 40_000, text.length])('gives back %d bytes', (length) => {
    const codec = compressionCodec(type)
    const bytes = text.subarray(0, length)
    const compressed = codec.compress(bytes)
    expect(Buffer.from(codec.decompress(compressed)).equals(bytes)).toBe(true)
    if (length > 1000) expect(compressed.length).toBeLessThan(length / 2)
  })

  it('refuses damaged bytes', () => {
    const codec = compressionCodec(type)
    const compressed = Uint8Array.from(codec.compress(text))
    expect(() => codec.decompress(compressed.subarray(0, compressed.length / 2))).toThrow()
    expect(() => codec.decompress(new Uint8Array(40).fill(7))).toThrow()
  })
})

it('reads snappy blocks without the frame of Java', () => {
  const codec = compressionCodec('snappy')
  const framed = Buffer.from(codec.compress(text.subarray(0, 1000)))
  expect(Buffer.from(codec.decompress(framed.subarray(20)))).toEqual(text.subarray(0, 1000))
})
