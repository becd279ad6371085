import { expect, test } from 'vitest'
import { binary } from '../../src/conformance/binaries.ts'
import type { FnSpec } from '../../src/conformance/case-file.ts'
import { list } from '../../src/conformance/lists.ts'
import { predicate } from '../../src/conformance/predicates.ts'
import { scalar } from '../../src/conformance/scalars.ts'
import type { Value } from '../../src/conformance/value.ts'

const apply = (spec: FnSpec | readonly FnSpec[], value: Value, key: Value = 'k') => scalar(spec)(value, key)
const spec = (json: string) => JSON.parse(json) as FnSpec
const windowed = { key: 'w', window: { start: 5, end: 15 } }

test('strict scalars give null for null and for what they do not apply to', () => {
  for (const fn of ['upper', 'length', 'add', 'field', 'windowKey', 'size'])
    expect(apply({ fn, arg: 'a' }, null)).toBeNull()
  expect(apply({ fn: 'add', arg: 2 }, 'x')).toBeNull()
  expect(apply({ fn: 'index', arg: 4 }, [1])).toBeNull()
  expect(apply({ fn: 'field', arg: 'toString' }, {})).toBeNull()
})

test('scalars', () => {
  expect(apply({ fn: 'mod', arg: 3 }, -1)).toBe(2)
  expect(apply({ fn: 'number' }, '-1.50')).toBe(-1.5)
  expect(apply({ fn: 'number' }, '1e3')).toBeNull()
  expect(apply({ fn: 'splitPart', arg: 1, sep: ':' }, 'a:b:c')).toBe('b')
  expect(apply({ fn: 'keyValue', sep: '/' }, 3)).toBe('k/3')
  expect(apply({ fn: 'pair' }, 1, windowed as never)).toEqual(['w@5-15', 1])
  expect(apply({ fn: 'windowEnd', on: 'key' }, 1, windowed as never)).toBe(15)
  expect(apply({ fn: 'object', fields: { b: { fn: 'identity' }, a: { fn: 'identity', on: 'key' } } }, 1)).toEqual({
    b: 1,
    a: 'k',
  })
  expect(
    apply(spec('{"fn":"if","when":{"fn":"gt","arg":3},"then":{"fn":"const","arg":"big"},"else":{"fn":"null"}}'), 4),
  ).toBe('big')
  expect(
    apply(
      [
        { fn: 'field', arg: 'a' },
        { fn: 'add', arg: 1 },
      ],
      { a: 2 },
    ),
  ).toBe(3)
  expect(() => apply({ fn: 'throwIf', arg: 13 }, 13)).toThrow('boom on 13')
})

test('predicates are false for null and for another type', () => {
  for (const fn of ['gt', 'lte', 'even', 'startsWith', 'lengthGreaterThan'])
    expect(predicate({ fn, arg: 0 })(null, 'k')).toBe(false)
  expect(predicate({ fn: 'odd' })(-3, 'k')).toBe(true)
  expect(predicate({ fn: 'eq', arg: null })(null, 'k')).toBe(true)
  expect(predicate({ fn: 'gt', in: { fn: 'length' }, arg: 2 })('abc', 'k')).toBe(true)
  expect(predicate({ fn: 'not', of: { fn: 'or', of: [{ fn: 'isNull' }, { fn: 'never' }] } })(1, 'k')).toBe(true)
})

test('lists', () => {
  expect(list({ fn: 'splitWords' })(' to  be\tor ', 'k')).toEqual(['to', 'be', 'or'])
  expect(list({ fn: 'splitOn', sep: 'a' })('aba', 'k')).toEqual(['', 'b', ''])
  expect(list({ fn: 'repeat', arg: 2, on: 'key' })(1, 'k')).toEqual(['k', 'k'])
  expect(list({ fn: 'range' })(-1, 'k')).toEqual([])
  expect(list({ fn: 'nullList' })(1, 'k')).toBeNull()
})

test('binary functions', () => {
  expect(binary({ fn: 'sum' })('x', 2, 'k')).toBe(2)
  expect(binary({ fn: 'max' })(2, 'x', 'k')).toBe(2)
  expect(binary({ fn: 'min' })(null, 2, 'k')).toBe(2)
  expect(binary({ fn: 'remove' })([1, { a: 1 }, 1], { a: 1 }, 'k')).toEqual([1, 1])
  expect(binary({ fn: 'keyConcat', sep: '|' })(1, null, 'k')).toBe('k:1|null')
  expect(binary(spec('{"fn":"concat","left":{"fn":"wrap","arg":"v"},"then":{"fn":"upper"}}'))(1, 'b', 'k')).toBe(
    '{"V":1}+B',
  )
})
