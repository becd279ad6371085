import { expect, it } from 'vitest'
import { murmur2, partitionForKey } from '../src/murmur2.ts'

const hash = (text: string): number => murmur2(new TextEncoder().encode(text))

it("gives the values of Kafka's own unit test", () => {
  expect(hash('21')).toBe(-973932308)
  expect(hash('foobar')).toBe(-790332482)
  expect(hash('a-little-bit-long-string')).toBe(-985981536)
  expect(hash('a-little-bit-longer-string')).toBe(-1486304829)
  expect(hash('lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8')).toBe(-58897971)
  expect(hash('abc')).toBe(479470107)
})

it('maps negative hashes to a partition', () => {
  expect(partitionForKey(new TextEncoder().encode('21'), 7)).toBe((-973932308 & 0x7fffffff) % 7)
})
