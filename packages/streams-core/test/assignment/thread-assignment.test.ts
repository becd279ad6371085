import { expect, test } from 'vitest'
import { assignThreads } from '../../src/runtime/assignment/thread-assignment.ts'

function thread(memberId: string, previous: readonly string[] = [], cannotRun: readonly string[] = []) {
  return { memberId, previousTasks: new Set(previous), mayRun: (taskId: string) => !cannotRun.includes(taskId) }
}

test('threads keep their tasks, and share the others evenly', () => {
  const threads = [thread('b', ['0_0', '0_1']), thread('a', ['0_2'])]
  expect(Object.fromEntries(assignThreads(threads, ['0_0', '0_1', '0_2', '0_3'], ['1_0', '1_1']))).toEqual({
    a: { active: ['0_2', '0_3'], standby: ['1_0'] },
    b: { active: ['0_0', '0_1'], standby: ['1_1'] },
  })
})

test('a new thread takes over a fair share', () => {
  const all = assignThreads([thread('a', ['0_0', '0_1', '0_2']), thread('b')], ['0_0', '0_1', '0_2'], [])
  expect([all.get('a')!.active.length, all.get('b')!.active.length]).toEqual([2, 1])
})

test('a task is only given to threads that read its topics', () => {
  const all = assignThreads([thread('a', [], ['0_0', '0_1']), thread('b')], ['0_0', '0_1'], [])
  expect(all.get('b')!.active).toEqual(['0_0', '0_1'])
})
