import { expect, test } from 'vitest'
import { OutputChecksum } from '../src/workloads/checksum.ts'
import { generate } from '../src/workloads/generator.ts'

// The expected checksums were computed by Java (expected.json of the peers), so equality shows that both the generator
// and the checksum are theirs.
test('W1 computed by hand over the generated records has the peers’ checksums', () => {
  const sum = new OutputChecksum()
  generate('W1', 100_000, 1, (_topic, _partition, timestamp, key, value) => {
    const o = JSON.parse(Buffer.from(value).toString())
    if (o.amount <= 25_000) return
    const out = { orderId: o.orderId, user: o.user, amount: o.amount, tax: Math.floor(o.amount / 12), region: o.region }
    sum.add(Buffer.from(key!).toString(), JSON.stringify(out), timestamp)
  })
  expect(sum.checksum).toBe('82b7e7dd-101c5c2d-75188')
  expect(sum.checksumTs).toBe('9174083a-c7e576d6-75188')
  expect(sum.checksumOrdered).toBe('590b06c2')
})

test('W2 computed by hand over the generated records has the peers’ checksums', () => {
  const sum = new OutputChecksum()
  const counts = new Map<string, number>()
  generate('W2', 100_000, 1, (_topic, _partition, timestamp, _key, value) => {
    for (const word of Buffer.from(value).toString().split(' ')) {
      const count = (counts.get(word) ?? 0) + 1
      counts.set(word, count)
      sum.add(word, String(count), timestamp)
    }
  })
  expect(sum.checksum).toBe('91338911-b24a3bef-800000')
})
