import { expect, it } from 'vitest'
import { crc32c, crc32cByTables } from '../src/crc32c.ts'

it('gives the published check values', () => {
  expect(crc32c(new TextEncoder().encode('123456789'))).toBe(0xe3069283)
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa)
  expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43)
  expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(0x46dd794e)
})

it('gives the same over any range as over a copy of it', () => {
  const bytes = Uint8Array.from({ length: 200 }, (_, i) => (i * 37) & 255)
  for (let start = 0; start < 20; start++) {
    for (let end = start; end < 200; end += 7) expect(crc32c(bytes, start, end)).toBe(crc32c(bytes.slice(start, end)))
  }
})

it('gives the same by tables as by native code', () => {
  const bytes = Uint8Array.from({ length: 5000 }, (_, i) => (i * i) & 255)
  for (const start of [0, 1, 21]) expect(crc32c(bytes, start)).toBe(crc32cByTables(bytes, start))
})
