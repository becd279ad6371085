import { expect, test } from 'vitest'
import {
  readStreamsAssignment,
  readStreamsSubscription,
  type StreamsAssignment,
  type StreamsSubscription,
  writeStreamsAssignment,
  writeStreamsSubscription,
} from '../../src/runtime/assignment/streams-protocol.ts'

const subscription: StreamsSubscription = {
  processId: 'p1',
  applicationServer: 'worker-1:7070',
  isShutdownRequested: true,
  clientTags: new Map([['zone', 'a']]),
  tasks: [
    { taskId: '0_0', role: 'active', offsetSum: 17 },
    { taskId: '12_3', role: 'standby', offsetSum: 2 ** 40 },
    { taskId: '1_1', role: 'stored', offsetSum: -1 },
  ],
  subtopologies: [['orders', 'users'], ['by-user']],
}

const assignment: StreamsAssignment = {
  isShutdownRequested: false,
  probingDelayMs: 600_000,
  activeTasks: ['0_0'],
  standbyTasks: ['0_1'],
  instances: [
    { processId: 'p1', applicationServer: 'worker-1:7070', activeTasks: ['0_0'], standbyTasks: ['0_1'] },
    { processId: 'p2', applicationServer: undefined, activeTasks: ['0_1', '12_3'], standbyTasks: [] },
  ],
  refusal: 'another application',
}

test('the bytes of a subscription are a format', () => {
  const bytes = writeStreamsSubscription({
    processId: 'p',
    applicationServer: undefined,
    isShutdownRequested: false,
    clientTags: new Map(),
    tasks: [{ taskId: '1_2', role: 'standby', offsetSum: 3 }],
    subtopologies: [['t']],
  })
  const tasks = '00000001' + '0000000100000002' + '01' + '0000000000000003'
  expect(Buffer.from(bytes).toString('hex')).toBe(
    `00020002${'000170'}${'0000'}${'00'}${'00000000'}${tasks}${'00000001'}${'00000001'}000174`,
  )
})

test('the bytes of an assignment are a format', () => {
  const bytes = writeStreamsAssignment({
    isShutdownRequested: true,
    probingDelayMs: undefined,
    activeTasks: [],
    standbyTasks: ['0_1'],
    instances: [{ processId: 'p', applicationServer: 'h:1', activeTasks: [], standbyTasks: ['0_1'] }],
    refusal: undefined,
  })
  const task = '0000000000000001'
  expect(Buffer.from(bytes).toString('hex')).toBe(
    `00020002${'01'}${'ffffffffffffffff'}${'00000001'}${task}${'00000001'}000170${'0003683a31'}${'00000000'}${'00000001'}${task}${'00000000'}${'0000'}`,
  )
})

test('what is written is read, and what a later version adds is left alone', () => {
  for (const more of [[], [1, 2, 3]]) {
    const later = (bytes: Uint8Array) => Uint8Array.from([...bytes, ...more])
    expect(readStreamsSubscription(later(writeStreamsSubscription(subscription)))).toEqual(subscription)
    expect(readStreamsAssignment(later(writeStreamsAssignment(assignment)))).toEqual(assignment)
  }
})

test('bytes that are cut off are an error', () => {
  const bytes = writeStreamsSubscription(subscription)
  for (let length = 0; length < bytes.length; length += 1) {
    expect(() => readStreamsSubscription(bytes.subarray(0, length))).toThrow()
  }
})

test('a member of version 1 is understood', () => {
  const bytes = writeStreamsSubscription({ ...subscription, subtopologies: [] })
  const first = Uint8Array.from(bytes.subarray(0, -4))
  first[1] = 1
  expect(readStreamsSubscription(first)).toEqual({ ...subscription, subtopologies: undefined })
  const task = '0000000000000001'
  const firstAnswer = `00010001${'01'}${'ffffffffffffffff'}${'00000001'}${task}${'00000001'}000170${'0003683a31'}${'00000000'}${'00000001'}${task}`
  expect(readStreamsAssignment(Buffer.from(firstAnswer, 'hex'))).toEqual({
    isShutdownRequested: true,
    probingDelayMs: undefined,
    activeTasks: [],
    standbyTasks: ['0_1'],
    instances: [{ processId: 'p', applicationServer: 'h:1', activeTasks: [], standbyTasks: ['0_1'] }],
    refusal: undefined,
  })
})
