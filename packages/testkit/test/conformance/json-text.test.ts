import { expect, test } from 'vitest'
import { jsonText, parseFirstJson, str } from '../../src/conformance/json-text.ts'

test('writes JSON as the recorder does: fractions in Java notation, no spaces, upper-case escapes', () => {
  expect(jsonText({ a: [1, -0.5, null, true], b: 'x"\n\u001f/é' })).toBe(
    '{"a":[1,-0.5,null,true],"b":"x\\"\\n\\u001F/é"}',
  )
  expect(jsonText([0.001, 0.00025, 12345678.5])).toBe('[0.001,2.5E-4,1.23456785E7]')
  expect(jsonText({ key: 'a', window: { start: 0, end: 5 } })).toBe('{"key":"a","start":0,"end":5}')
})

test('str gives strings as they are, numbers in plain notation and windowed keys as key@start-end', () => {
  expect(['x', 7, -2.5, 0.00025, 1.5e-9, null, false].map(str)).toEqual([
    'x',
    '7',
    '-2.5',
    '0.00025',
    '0.0000000015',
    'null',
    'false',
  ])
  expect(str([1, { a: 'b' }])).toBe('[1,{"a":"b"}]')
  expect(str({ key: 'k', window: { start: 10, end: 20 } })).toBe('k@10-20')
})

test('reads the first JSON value of a text and ignores what follows it', () => {
  expect(parseFirstJson('{"a":[1,"]"]} rest')).toEqual({ a: [1, ']'] })
  expect(parseFirstJson('"a\\"b" 2')).toBe('a"b')
  expect(parseFirstJson(' 12 13')).toBe(12)
  expect(parseFirstJson('  ')).toBeNull()
  expect(() => parseFirstJson('{"a":')).toThrow(SyntaxError)
  expect(() => parseFirstJson('12abc')).toThrow(SyntaxError)
})
