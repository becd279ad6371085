import { describe, expect, test } from 'vitest'
import { murmur3 } from '../../../src/processors/foreign-key-join/murmur3.ts'

/** Made with Java's Murmur3.hash128 over `length` bytes, byte i being 37 i + 11 length + 200 (mod 256). */
const javaHashes: readonly (readonly [length: number, hash: string])[] = [
  [0, '9d2764a018e329428c3cf3b035938518'],
  [1, 'c115fef0c63412b844a0a3d61cd7d98f'],
  [2, 'ff3fd24006708c34de022ad5835c64ae'],
  [3, '4a6c803703815f4a985460f5ea9a2608'],
  [4, '75656a10a5788e7320bde40238921560'],
  [7, '366555911d0890c57ef273fdd851fbad'],
  [8, 'd60e17c3a49473c125766d563eee9836'],
  [9, '918627640844fd4e093f8ebf4b79480f'],
  [12, '786b76ee748104c767198f3a31468feb'],
  [15, 'bf35c3ecb358de00d1122af585ad5566'],
  [16, '62530fd349288dd1f1688d5808ebb02d'],
  [17, 'aed187c5bf951ffc872ff69ad71e7cc8'],
  [23, '16e1e0bb4c4fb8ed49d3ff00f39a7fca'],
  [24, '9f25948746923cb75732d714601f6ea6'],
  [31, 'c831c241b553c94a9056c7f3046e8d94'],
  [32, '403a81c6e156a1b65fea7c1c2b87ebf6'],
  [33, 'dcc603709f52978cb088bec9a7324cfe'],
  [63, '499b851c03d086b91ac3f54d1284dc75'],
  [64, '8c8e93cd47e1b9769fe042372ba54486'],
  [100, '6de5f88770baa2856c04af9d925cff3d'],
]

describe('murmur3 of 128 bits', () => {
  test.each(javaHashes)('hashes %i bytes as Java does', (length, hash) => {
    const bytes = Uint8Array.from({ length }, (_, i) => 37 * i + 11 * length + 200)
    expect(Buffer.from(murmur3(bytes)).toString('hex')).toBe(hash)
  })

  test('hashes a view into a larger buffer by its own bytes', () => {
    const bytes = new TextEncoder().encode('xx{"name":"ä"}yy')
    const hash = murmur3(bytes.subarray(2, bytes.length - 2))
    expect(Buffer.from(hash).toString('hex')).toBe('548c859ae304abbf4b612bb946d797c7')
  })
})
