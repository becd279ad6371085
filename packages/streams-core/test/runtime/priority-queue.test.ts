import { expect, test } from 'vitest'
import { PriorityQueue } from '../../src/runtime/priority-queue.ts'

function drain<T>(queue: PriorityQueue<T>): T[] {
  const items: T[] = []
  for (let item = queue.poll(); item !== undefined; item = queue.poll()) items.push(item)
  return items
}

test('gives items by priority', () => {
  const queue = new PriorityQueue<number>((item) => item)
  for (const item of [5, 3, 9, 1, 7, 1, 8, 2]) queue.offer(item)
  expect(drain(queue)).toEqual([1, 1, 2, 3, 5, 7, 8, 9])
})

test('orders equal priorities as java.util.PriorityQueue does, which is not the order of insertion', () => {
  const queue = new PriorityQueue<string>(() => 0)
  for (const item of ['a', 'b', 'c', 'd', 'e']) queue.offer(item)
  expect(drain(queue)).toEqual(['a', 'e', 'd', 'c', 'b'])
})

test('an item that goes back in stands behind its equals', () => {
  const queue = new PriorityQueue<string>(() => 0)
  queue.offer('a')
  queue.offer('b')
  const order: string[] = []
  for (let turn = 0; turn < 4; turn += 1) {
    const item = queue.poll()!
    order.push(item)
    queue.offer(item)
  }
  expect(order).toEqual(['a', 'b', 'a', 'b'])
})
