import { expect, test } from 'vitest'
import { AnswerMemory } from '../src/answer-memory.ts'

test('what was given back is used again, for lengths up to its own', () => {
  const memory = new AnswerMemory()
  const first = memory.take(1_000_000)
  expect(first.length).toBeGreaterThanOrEqual(1_000_000)
  expect(memory.take(1_000_000) === first).toBe(false)
  memory.giveBack(first)
  expect(memory.take(600_000) === first).toBe(true)
})

test('little and very much memory is not kept, and 8 MiB are kept at most', () => {
  const memory = new AnswerMemory()
  for (const length of [100, 5 * 1024 * 1024]) {
    const taken = memory.take(length)
    expect(taken.length).toBe(length)
    memory.giveBack(taken)
    expect(memory.take(length) === taken).toBe(false)
  }
  const many = Array.from({ length: 10 }, () => memory.take(1024 * 1024))
  for (const one of many) memory.giveBack(one)
  const again = new Set(Array.from({ length: 10 }, () => memory.take(1024 * 1024)))
  expect(many.filter((one) => again.has(one)).length).toBe(8)
})
