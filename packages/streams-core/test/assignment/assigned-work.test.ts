import { expect, test } from 'vitest'
import { AssignedWork } from '../../src/runtime/assignment/assigned-work.ts'
import type { StreamsAssignment } from '../../src/runtime/assignment/streams-protocol.ts'

function assignment(activeTasks: readonly string[], standbyTasks: readonly string[] = []): StreamsAssignment {
  const rest = { isShutdownRequested: false, probingDelayMs: undefined, instances: [], refusal: undefined }
  return { activeTasks, standbyTasks, ...rest }
}

const tasks = (...ids: readonly string[]) => new Map(ids.map((id) => [id, undefined]))

test('who waits for a task asks the group every 100 ms, for a while', () => {
  let nowMs = 1000
  const work = new AssignedWork({ now: () => nowMs }, () => {})
  work.accept(assignment(['0_0', '0_1']))
  const asked: number[] = []
  for (; nowMs < 20_000; nowMs += 50) if (work.mustAsk(tasks('0_0'))) asked.push(nowMs)
  expect(asked.slice(0, 3)).toEqual([1000, 1100, 1200])
  expect(asked.at(-1)).toBe(10_900)
})

test('who has all of its tasks asks nothing beside heartbeats, and who keeps copies of others every second', () => {
  let nowMs = 1000
  const time = { now: () => nowMs }
  const [settled, copying] = [new AssignedWork(time, () => {}), new AssignedWork(time, () => {})]
  settled.accept(assignment(['0_0']))
  copying.accept(assignment(['0_0'], ['0_1']))
  const asked: number[] = []
  for (; nowMs < 4000; nowMs += 50) {
    expect(settled.mustAsk(tasks('0_0'))).toBe(false)
    if (copying.mustAsk(tasks('0_0'))) asked.push(nowMs)
  }
  expect(asked).toEqual([1000, 2000, 3000])
})
