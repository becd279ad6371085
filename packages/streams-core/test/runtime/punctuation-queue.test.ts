import { expect, test } from 'vitest'
import { PunctuationQueue } from '../../src/runtime/punctuation-queue.ts'

function recorder() {
  const calls: [string, number][] = []
  const queue = new PunctuationQueue<string>()
  const at = (now: number) => queue.maybePunctuate(now, (schedule, time) => schedule.punctuator(time))
  const record = (name: string) => (time: number) => void calls.push([name, time])
  return { calls, queue, at, record }
}

test('a due punctuator is called once, however many intervals have passed, and stays on its multiples', () => {
  const { calls, queue, at, record } = recorder()
  queue.schedule('node', 0, 10, record('p'), false, -1)
  for (const now of [0, 9, 10, 35, 39, 40]) at(now)
  expect(calls).toEqual([
    ['p', 0],
    ['p', 10],
    ['p', 35],
    ['p', 40],
  ])
})

test('an anchored schedule whose start has passed is first due at the next multiple from there', () => {
  const { calls, queue, at, record } = recorder()
  queue.schedule('node', 3, 10, record('p'), true, 25)
  expect(at(32)).toBe(false)
  expect(at(33)).toBe(true)
  expect(calls).toEqual([['p', 33]])
})

test('several due go by the time they were due', () => {
  const { calls, queue, at, record } = recorder()
  queue.schedule('node', 20, 100, record('late'), false, 0)
  queue.schedule('node', 10, 100, record('early'), false, 0)
  at(50)
  expect(calls.map(([name]) => name)).toEqual(['early', 'late'])
})

test('a cancelled punctuator is not called, also when it cancels itself', () => {
  const { calls, queue, at, record } = recorder()
  queue.schedule('node', 0, 10, record('never'), false, 0).cancel()
  const own = queue.schedule('node', 0, 10, () => own.cancel(), false, 0)
  expect(at(0)).toBe(true)
  expect(at(100)).toBe(false)
  expect(calls).toEqual([])
})
