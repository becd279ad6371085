import { expect, test } from 'vitest'
import { type AssignedMember, assignPartitions } from '../../src/clients/group/assign-partitions.ts'

function member(memberId: string, previous: readonly number[] = [], topics = ['a', 'b']): AssignedMember {
  return { memberId, topics, previous: previous.map((partition) => ({ topic: 'a', partition })) }
}

function assigned(members: readonly AssignedMember[], counts: { readonly [topic: string]: number }) {
  const assignment = assignPartitions(members, (topic) => counts[topic] ?? 0)
  return Object.fromEntries(
    [...assignment].map(([id, partitions]) => [
      id,
      partitions.map(({ topic, partition }) => `${topic}${partition}`).join(' '),
    ]),
  )
}

test('a single member gets everything', () => {
  expect(assigned([member('m')], { a: 2, b: 3 })).toEqual({ m: 'a0 a1 b0 b1 b2' })
})

test('partitions of the same number go together', () => {
  expect(assigned([member('m'), member('n')], { a: 4, b: 4 })).toEqual({ m: 'a0 a2 b0 b2', n: 'a1 a3 b1 b3' })
})

test('members keep what they had, as far as the balance allows', () => {
  const members = [member('m', [1, 2]), member('n', [0, 3])]
  expect(assigned(members, { a: 4 })).toEqual({ m: 'a1 a2', n: 'a0 a3' })
  expect(assigned([...members, member('o')], { a: 4 })).toEqual({ m: 'a1 a2', n: 'a0 a3', o: '' })
  expect(assigned([member('m', [0, 1, 2, 3]), member('n')], { a: 4 })).toEqual({ m: 'a0 a1', n: 'a2 a3' })
})

test('what a member that has left had goes to those who have least', () => {
  expect(assigned([member('m', [0]), member('n', [1, 2])], { a: 4 })).toEqual({ m: 'a0 a3', n: 'a1 a2' })
})

test('a topic only goes to members that subscribe to it', () => {
  const members = [member('m', [], ['a']), member('n', [], ['a', 'b'])]
  expect(assigned(members, { a: 2, b: 2 })).toEqual({ m: 'a0', n: 'a1 b0 b1' })
})

test('the same members in another order get the same', () => {
  const members = [member('m', [3]), member('n', [2, 1]), member('o')]
  expect(assigned([...members].reverse(), { a: 5, b: 3 })).toEqual(assigned(members, { a: 5, b: 3 }))
})

test('topics that do not exist and groups without partitions give empty assignments', () => {
  expect(assigned([member('m'), member('n')], {})).toEqual({ m: '', n: '' })
})
