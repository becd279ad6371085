import { expect, test } from 'vitest'
import { javaHashCopyOrder, javaHashOrder } from '../../src/topology/java-hash-order.ts'

const topics = Array.from({ length: 20 }, (_, i) => `topic-${i * 7}`)
const suffixes = (order: readonly string[]) => order.map((topic) => Number(topic.slice(6)))

test('gives texts in the order of a Java HashSet', () => {
  expect(suffixes(javaHashOrder(topics.slice(0, 3)))).toEqual([7, 14, 0])
  expect(suffixes(javaHashOrder(topics))).toEqual([
    133, 7, 126, 91, 70, 112, 119, 0, 84, 63, 105, 42, 21, 98, 77, 56, 35, 14, 49, 28,
  ])
})

test('knows how large Java makes the copy of a collection', () => {
  const order = [7, 70, 0, 84, 63, 42, 21, 77, 56, 35, 14, 49, 28]
  expect(suffixes(javaHashCopyOrder(topics.slice(0, 13)))).toEqual(order)
  expect(suffixes(javaHashOrder(topics.slice(0, 13)))).toEqual(order)
})

test('texts of equal hash keep the order of insertion; hashes are of UTF-16 units', () => {
  expect(javaHashCopyOrder(['Aa', 'BB', 'naïve', '日本'])).toEqual(['Aa', 'BB', 'naïve', '日本'])
  expect(javaHashOrder(['BB', 'Aa', 'BB'])).toEqual(['BB', 'Aa'])
})
