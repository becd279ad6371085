import { expect, test } from 'vitest'
import { bytes, openStore, text } from '../../src/conformance/suite.ts'
import { keyValueStore, listValueStore } from '../../src/index.ts'
import { decodeValueList, encodeValueList } from '../../src/key-value/value-list.ts'

test('the list has the bytes of Kafka 4.3.1', () => {
  const list = encodeValueList([Uint8Array.of(1, 2), new Uint8Array()])
  expect(Buffer.from(list).toString('hex')).toBe('010000000200000002010200000000')
  expect(decodeValueList(list).map((value) => value.length)).toEqual([2, 0])
})

test('puts add to a key, a range gives one entry for each value, null removes all', async () => {
  const log: [string | null, number | undefined][] = []
  const lists = listValueStore(keyValueStore('store'), (key, list) =>
    log.push([text(key), list === null ? undefined : decodeValueList(list).length]),
  )
  const { store } = await openStore(lists)
  for (const [key, value] of ['b1', 'a1', 'b2', 'b1']) store.put(bytes(key!), bytes(value!))
  const entries = () => [...store.range(null, null)].map(([key, value]) => `${text(key)}${text(value)}`)
  expect(entries()).toEqual(['a1', 'b1', 'b2', 'b1'])
  expect(store.putIfAbsent(bytes('c'), bytes('1'))).toBeNull()
  expect(store.putIfAbsent(bytes('b'), null)).toBeNull()
  expect(entries()).toEqual(['a1'])
  expect(log).toEqual([
    ['b', 1],
    ['a', 1],
    ['b', 2],
    ['b', 3],
    ['b', undefined],
  ])
})
